// The names of functions, read in place from the module: from its name section, else of its exports.

import WasmFormat

#if Names || !hasFeature(Embedded)
extension Runtime where HostType: ~Copyable {
    /// The name of a frame's function, UTF-8 bytes in the module; nil if it has none, or the module is no more. Reads what lies before it in the module.
    @_lifetime(borrow self)
    public func functionName(of frame: StackFrame) -> Span<UInt8>? {
        guard let code = try? engine.block(of: frame.module) else { return nil }
        let bytes = engine.bytes(of: code)
        guard let range = FunctionNames.find(frame.function, in: bytes) else { return nil }
        return bytes.extracting(Int(range.offset)..<Int(range.end))
    }
}

extension Engine {
    /// ` "div"`, if it has a name.
    func writeName<Sink: TextSink & ~Copyable>(of frame: StackFrame, to sink: inout Sink) {
        guard let code = try? block(of: frame.module) else { return }
        let bytes = bytes(of: code)
        guard let range = FunctionNames.find(frame.function, in: bytes) else { return }
        sink.write(" \"")
        sink.write(range, of: bytes)
        sink.write("\"")
    }
}
#else
extension Engine {
    func writeName<Sink: TextSink & ~Copyable>(of frame: StackFrame, to sink: inout Sink) {}
}
#endif
