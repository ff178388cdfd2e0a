// Errors of saving and restoring in words: what happened, and what to do about it. Firmware without a console leaves this file out.

#if Names || !hasFeature(Embedded)
import WasmFormat

extension SaveError {
    /// One line for a firmware engineer.
    public var words: StaticString {
        switch self {
        case .allocator: "the runtime's memory comes from an allocator: make it with static buffers, which alone can be saved"
        case .running: "a run is going on in an environment: let it end or pause before saving"
        case .sink: "the sink refused the saved bytes: look for room and errors where they are written"
        }
    }
}

extension RestoreError {
    /// One line for a firmware engineer.
    public var words: StaticString {
        switch self {
        case .buffers: "the buffers hold no runtime: give the same number of them as when it was saved, 8-byte aligned, with the same lengths and uses"
        case .source: "the saved bytes cannot be read: look for errors where they are read"
        case .notSaved: "these bytes are no saved pool: start anew, or give the bytes that were saved"
        case .layout: "the pool was saved by another version of the runtime: start anew, or restore with that version"
        case .length: "the saved pool is not as long as it was: give all of its bytes, and no more"
        case .checksum: "the saved pool has changed since it was saved: start anew, and look at where it is kept"
        case .build: "the code in the saved pool is for another build: start anew, or build with the traits and countsInstructions of the one that saved it"
        case .counts: "the runtime that was saved had other numbers of buffers or modules: give as many buffers, and the same maximumModules"
        case .region: "a buffer has another length or other uses than when it was saved: give one of the same"
        case .module: "a module's bytes are not among those given: give the same bytes that were loaded, and load a new version only after starting anew"
        case .hostFunction: "a host function is not what it was: keep number, names and types of all, and add new ones behind them; or start anew"
        case .refused: "the verifier refused the saved pool: it is not the one that was sealed; start anew"
        case .changed: "the saved pool changed while it was read: start anew, and look for errors where it is read"
        }
    }
}
#endif
