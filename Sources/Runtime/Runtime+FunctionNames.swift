// The names of functions, read in place from the module: from its name section, else of its exports.

import Image
import WasmFormat

#if Names || !hasFeature(Embedded)
extension Runtime where HostType: ~Copyable {
    /// The name of a frame's function, UTF-8 bytes in the module; nil if it has none, or the module is no more. Reads what lies before it in the module.
    @_lifetime(borrow self)
    public func functionName(of frame: StackFrame) -> Span<UInt8>? {
        guard let code = try? engine.block(of: frame.module) else { return nil }
        guard let range = engine.name(ofFunction: frame.function, code) else { return nil }
        let bytes = engine.bytes(of: code)
        return bytes.extracting(Int(range.offset)..<Int(range.end))
    }
}

extension Engine {
    func name(ofFunction function: UInt32, _ code: ModuleBlock) -> ByteRange? {
        guard code.isImage else { return FunctionNames.find(function, in: bytes(of: code)) }
        if let range = image(code).name(ofFunction: function) { return range }
        // As with a .wasm without names: the name of its first export.
        var exports = SectionReader<ExportEntry>(image(code).summary().exports, of: bytes(of: code))
        while let entry = try? exports.next() {
            if entry.kind == .function && entry.index == function { return entry.name }
        }
        return nil
    }

    /// ` "div"`, if it has a name.
    func writeName<Sink: TextSink & ~Copyable>(of frame: StackFrame, to sink: inout Sink) {
        guard let code = try? block(of: frame.module) else { return }
        guard let range = name(ofFunction: frame.function, code) else { return }
        sink.write(" \"")
        sink.write(range, of: bytes(of: code))
        sink.write("\"")
    }
}
#else
extension Engine {
    func writeName<Sink: TextSink & ~Copyable>(of frame: StackFrame, to sink: inout Sink) {}
}
#endif
