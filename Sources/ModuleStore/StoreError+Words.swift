// The store's errors in words, one line each: what happened, and what to do about it. Firmware without a console leaves this file out.

#if Names || !hasFeature(Embedded)
import WasmFormat

extension StoreError {
    public func write<Sink: TextSink & ~Copyable>(to sink: inout Sink) {
        switch self {
        case .slotInUse(let slot):
            sink.write("slot ")
            sink.write(UInt32(slot.rawValue))
            sink.write(" is in use: start the module of the other slot, or stop this one, before it is erased")
        case .empty: sink.write("the module has no bytes: send one that has")
        case .tooLarge(let bytes, let capacity):
            sink.write("the module has ")
            sink.write(bytes)
            sink.write(" bytes, a slot has room for ")
            sink.write(capacity)
            sink.write(": make it smaller, or the slots larger in the board's linker script")
        case .flash(let error):
            switch error {
            case .read(let address): write("flash cannot be read at ", address, to: &sink)
            case .erase(let address): write("flash does not erase at ", address, to: &sink)
            case .program(let address): write("flash does not take a word at ", address, to: &sink)
            }
            sink.write(": try again; if it stays so, this flash is worn out or protected")
        case .differs(let address):
            write("flash does not keep what was written at ", address, to: &sink)
            sink.write(": try again; if it stays so, this flash is worn out or protected")
        case .tooMany(let bytes, let announced):
            write(bytes, " bytes came of a module of ", announced, to: &sink)
            sink.write(": announce its length first")
        case .incomplete(let bytes, let announced):
            write(bytes, " bytes came of a module of ", announced, to: &sink)
            sink.write(": send the rest before it is committed")
        case .checksum(let found, let announced):
            sink.write("the module's checksum in flash is ")
            sink.write(hex: found)
            sink.write(", announced was ")
            sink.write(hex: announced)
            sink.write(": send it again")
        case .notBegun: sink.write("no installation is going on: announce the module first")
        }
    }

    private func write<Sink: TextSink & ~Copyable>(_ text: StaticString, _ address: UInt32, to sink: inout Sink) {
        sink.write(text)
        sink.write(hex: address)
    }

    private func write<Sink: TextSink & ~Copyable>(_ first: UInt32, _ text: StaticString, _ second: UInt32, to sink: inout Sink) {
        sink.write(first)
        sink.write(text)
        sink.write(second)
    }
}
#endif
