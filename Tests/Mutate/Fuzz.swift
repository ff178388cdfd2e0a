// The images of guests and samples as the seeds of libFuzzer, which goes where its inputs reach new code (`make fuzz`).

#if FUZZER
import Foundation
import TestGuests

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// One input after the other, in this process.
@safe enum Fuzz {
    nonisolated(unsafe) private static var run: MutantRun?
    nonisolated(unsafe) private static var image: MutantBytes?

    /// What the longest seed has, and some more.
    private static let mostBytes = 32 << 10

    /// Writes the seeds to `folder` and runs libFuzzer on them with its own `options`; comes back only if it ends well.
    static func start(_ seeds: [Seed], folder: URL, options: [String]) throws {
        for seed in seeds { try Data(seed.bytes).write(to: folder.appendingPathComponent(seed.name)) }
        unsafe run = try MutantRun(Seed(name: "all", bytes: seeds[0].bytes, kind: .image), pool: try GuardedMemory(size: Worker.poolBytes))
        unsafe image = try MutantBytes(Seed(name: "all", bytes: [UInt8](repeating: 0, count: mostBytes), kind: .image))
        let words = ["mote-mutate", "-max_len=\(mostBytes)", "-print_final_stats=1"] + options + [folder.path]
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        var count = CInt(words.count)
        let status = unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            var start = unsafe buffer.baseAddress!
            return unsafe runDriver(&count, &start) { bytes, count in
                unsafe Fuzz.one(UnsafeRawBufferPointer(start: bytes, count: count))
                return 0
            }
        }
        guard status == 0 else { throw NotationError(description: "libFuzzer ended with \(status)") }
    }

    /// Runs an input as an image, with its length and checksums put right. What must not be ends the process, which libFuzzer tells with the input.
    private static func one(_ bytes: UnsafeRawBufferPointer) {
        unsafe image?.with(bytes) { bytes in _ = unsafe run?.run(bytes) }
        if let failure = unsafe run?.failure { fatalError(failure) }
    }
}
#endif
