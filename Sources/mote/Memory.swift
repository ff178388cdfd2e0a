// Memory that the tool owns: a file's bytes, and the pool of a runtime.

import Foundation

/// A block of memory, 16-byte aligned and zeroed, freed at the end of its life; with a file's bytes it cannot be written to.
@safe struct Memory: ~Copyable {
    @unsafe let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        // Pages that are zero without being written: a large pool costs only what is used of it.
        guard let start = unsafe calloc(max(count, 16), 1) else { fatalError("mote: out of memory") }
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: max(count, 16))
        size = count
        mapped = 0
    }

    /// In bytes.
    let size: Int
    /// Bytes of pages of its own; 0 for memory of the system's allocator.
    private let mapped: Int

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
        // Pages of their own: whoever wrote to a module would end here.
        mapped = max((data.count + 4095) & ~4095, 4096)
        size = data.count
        // Safety: a new mapping, of which nobody else knows; written to once, then read-only.
        let start = unsafe mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let start = unsafe start, unsafe start != UnsafeMutableRawPointer(bitPattern: -1) else { fatalError("mote: out of memory") }
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: mapped)
        _ = unsafe data.copyBytes(to: bytes)
        guard unsafe mprotect(start, mapped, PROT_READ) == 0 else { fatalError("mote: memory cannot be made read-only") }
    }

    /// A copy of these bytes, 16-byte aligned.
    init(_ contents: [UInt8]) {
        self.init(count: contents.count)
        for (index, byte) in contents.enumerated() { unsafe bytes[index] = byte }
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

    deinit {
        if mapped > 0 { unsafe munmap(bytes.baseAddress, mapped) } else { unsafe Foundation.free(bytes.baseAddress) }
    }
}
