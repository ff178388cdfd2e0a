// Memory that the tool owns: a file's bytes, and the pool of a runtime.

import Foundation

/// A block of memory, 16-byte aligned and zeroed, freed at the end of its life.
@safe struct Memory: ~Copyable {
    @unsafe let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        // Pages that are zero without being written: a large pool costs only what is used of it.
        guard let start = unsafe calloc(max(count, 16), 1) else { fatalError("mote: out of memory") }
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: max(count, 16))
        size = count
    }

    /// In bytes.
    let size: Int

    /// The bytes of a file. Throws `Exit` with status 1.
    init(file path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            var isFolder: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            let why =
                isFolder.boolValue
                ? "is a folder, not a module"
                : exists ? "cannot be read: is it a file, with permission to read it?" : "there is no such file: check the path"
            throw Exit(.cannotLoad, "\(path): \(why)")
        }
        self.init(count: data.count)
        _ = unsafe data.copyBytes(to: bytes)
    }

    /// The file's bytes; for the life of this value.
    @unsafe var contents: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: bytes[..<size]) }

    var span: Span<UInt8> {
        @_lifetime(borrow self) get {
            // Safety: the span borrows this value, which frees the memory at its end.
            let span = unsafe Span<UInt8>(_bytes: bytes.bytes).extracting(0..<size)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    deinit { unsafe Foundation.free(bytes.baseAddress) }
}
