// Memory between walls: what is read or written outside ends the process at once.
//
//     │ 8 GB that fault │ pool, read and written      │ 8 GB that fault │       no 32-bit distance leads out of the walls
//     │ 8 GB that fault │ … slack, module, read only  │ 8 GB that fault │       the module ends where the wall begins

import Foundation
import Image

/// Pages of memory with nothing around them. Lives as long as the process.
@safe struct GuardedMemory {
    @unsafe let bytes: UnsafeMutableRawBufferPointer

    private static var wall: Int { 8 << 30 }

    /// Addresses only; `size` is a multiple of the page size.
    private static func reserve(_ size: Int) throws -> UnsafeMutableRawPointer {
        // Safety: a new mapping; nothing else knows it.
        let start = unsafe mmap(nil, wall + size + wall, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0)
        guard let start = unsafe start, unsafe start != UnsafeMutableRawPointer(bitPattern: -1) else { throw failure("mmap") }
        return unsafe start + wall
    }

    /// Zeroed, to read and write.
    init(size: Int) throws {
        let start = unsafe try Self.reserve(size)
        // Safety: inside the reservation.
        guard unsafe mprotect(start, size, PROT_READ | PROT_WRITE) == 0 else { throw Self.failure("mprotect") }
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    /// To read only; the same bytes can be written through the second memory.
    static func readOnly(size: Int) throws -> (view: GuardedMemory, source: UnsafeMutableRawBufferPointer) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mote-mutate-\(UUID().uuidString)").path
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw failure(path) }
        unsafe unlink(path)
        guard ftruncate(file, off_t(size)) == 0 else { throw failure("ftruncate") }
        let start = unsafe try reserve(size)
        // Safety: MAP_FIXED replaces a part of our own reservation.
        let view = unsafe mmap(start, size, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0)
        let source = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        let none = unsafe UnsafeMutableRawPointer(bitPattern: -1)
        guard unsafe view == start, unsafe source != none else { throw failure("mmap") }
        return unsafe (GuardedMemory(bytes: UnsafeMutableRawBufferPointer(start: start, count: size)), UnsafeMutableRawBufferPointer(start: source, count: size))
    }

    @unsafe private init(bytes: UnsafeMutableRawBufferPointer) { unsafe self.bytes = unsafe bytes }

    private static func failure(_ what: String) -> POSIXFailure { POSIXFailure(what: what, number: errno) }
}

struct POSIXFailure: Error, CustomStringConvertible {
    let what: String
    let number: Int32
    var description: String { unsafe "\(what): \(String(cString: strerror(number)))" }
}

/// A module's bytes, mutated through one mapping and seen through another, read-only one that ends with the module.
@safe struct MutantBytes: ~Copyable {
    private let view: GuardedMemory
    private let source: UnsafeMutableRawBufferPointer
    private let original: [UInt8]
    private let isImage: Bool

    init(_ seed: Seed) throws {
        let original = seed.bytes
        isImage = seed.kind == .image
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = max((original.count + page - 1) / page, 1) * page
        unsafe (view, source) = try GuardedMemory.readOnly(size: size)
        self.original = original
        restore()
    }

    private func restore() {
        let start = unsafe source.count - original.count
        for i in original.indices { unsafe source[start + i] = original[i] }
    }

    /// The last `count` bytes of the view.
    private func last(_ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: view.bytes[(view.bytes.count - count)...])
    }

    /// The mutant for the length of a closure.
    func with(_ mutation: Mutation, _ body: (UnsafeRawBufferPointer) -> Void) {
        let end = unsafe source.count
        switch mutation {
        case .truncated(let count):
            for i in 0..<count { unsafe source[end - count + i] = original[i] }
            unsafe body(last(count))
            restore()
        case .changed(let offset, let mask):
            unsafe source[end - original.count + offset] ^= mask
            if isImage { unsafe sum(words) }
            unsafe body(last(original.count))
            unsafe source[end - original.count + offset] ^= mask
        case .edited(let edit):
            edit.apply(to: words)
            unsafe sum(words)
            unsafe body(last(original.count))
            restore()
        }
    }

    /// The whole words of `bytes` as an image, its length and checksums put right.
    func with(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        let count = unsafe min(bytes.count, source.count) & ~3
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: source[(source.count - count)...])
        unsafe place.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        if count >= Int(ImageHeader.bytes) {
            unsafe place.storeBytes(of: UInt32(count), toByteOffset: Int(ImageHeader.length) * 4, as: UInt32.self)
            sum(place.bindMemory(to: UInt32.self))
        }
        unsafe body(last(count))
    }

    /// The words of an image, which ends with the memory.
    private var words: UnsafeMutableBufferPointer<UInt32> {
        unsafe UnsafeMutableRawBufferPointer(rebasing: source[(source.count - original.count)...]).bindMemory(to: UInt32.self)
    }

    /// Makes an image's checksums anew.
    private func sum(_ words: UnsafeMutableBufferPointer<UInt32>) {
        func sum(_ range: Range<Int>) -> UInt32 {
            var sum = ImageSum()
            for i in range { sum.add(unsafe words[i]) }
            return sum.value
        }
        unsafe words[Int(ImageHeader.checksum)] = sum(Int(ImageHeader.count)..<words.count)
        unsafe words[Int(ImageHeader.headerChecksum)] = sum(0..<Int(ImageHeader.headerChecksum))
    }
}
