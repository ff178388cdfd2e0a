// From a .wasm to a packed image: translated as on the device, then laid out to be used where it lies (docs/IMAGE.md).

import Image
import RegisterCode
import Runtime
import WasmFormat

private struct NoHost: Host {
    static var functionCount: Int { 0 }
    static func function(_ index: Int) -> HostFunction { fatalError("there is none") }
}

/// Makes images on the host. The same module and version give the same bytes, bit for bit.
public enum Packing {
    /// The image of a module. `keepsNames`: with the names of its functions, for backtraces.
    ///
    /// Throws what is wrong with the module, as loading it does.
    public static func pack(_ wasm: [UInt8], keepsNames: Bool = true) throws(LoadError) -> [UInt8] {
        let size = max(1 << 20, wasm.count * 16 + (1 << 20))
        let pool = UnsafeMutableRawBufferPointer.allocate(byteCount: min(size, 256 << 20) & ~7, alignment: 16)
        defer { unsafe pool.deallocate() }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(wasm.count, 1), alignment: 4)
        defer { unsafe copy.deallocate() }
        unsafe copy.copyBytes(from: wasm)
        // Safety: both outlive the runtime, which ends with this function; nobody else has them.
        var runtime = unsafe try Runtime<NoHost>(buffer: pool)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[..<wasm.count])
        guard unsafe !ImageBytes.isImage(bytes) else { throw LoadError(.notWasm, at: 0) }
        let module = unsafe try runtime.load(bytes)
        // Safety: as above.
        let span = unsafe Span<UInt8>(_unsafeElements: bytes.bindMemory(to: UInt8.self))
        guard let block = try? runtime.moduleWords(of: module), let need = try? runtime.need(of: module) else { fatalError("a module that was just loaded") }
        var writer = try ImageWriter(span, block: block, need: need, keepsNames: keepsNames)
        return try writer.image()
    }
}
