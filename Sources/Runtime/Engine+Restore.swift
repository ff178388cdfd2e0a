// Restoring: the saved bytes are read twice. The first pass compares everything and writes nothing; the second one writes, and compares again.

import Image
import MemoryPool
import RegisterCode
import WasmFormat

/// What a pool is restored with.
@safe struct Restoration: ~Escapable {
    typealias Read = (UInt32, inout MutableSpan<UInt8>) -> Bool
    typealias Verify = (Span<UInt8>) -> Bool

    let length: UInt32
    let modules: Span<UnsafeRawBufferPointer>
    let regions: Span<MemoryRegion>
    let configuration: Configuration
    let entries: UInt32
    let tableBytes: Int

    @_lifetime(copy modules, copy regions)
    init(length: UInt32, modules: Span<UnsafeRawBufferPointer>, regions: Span<MemoryRegion>, configuration: Configuration) throws(RestoreError) {
        guard let entries = MemoryRegion.entries(for: regions, configuration) else { throw .buffers }
        self.length = length
        unsafe self.modules = modules
        self.regions = regions
        self.configuration = configuration
        self.entries = entries
        tableBytes = RegionTable.bytes(entries: entries)
    }

    /// Reads and compares everything; with a table also writes. Gives the checksum.
    func pass(
        into table: RegionTable?, hostCount: Int, host: (Int) -> HostFunction, _ read: Read, _ verify: Verify
    ) throws(RestoreError) -> UInt64 {
        var reader = SavedReader(length: length)
        guard try reader.word(read, verify) == SavedHeader.mark else { throw .notSaved }
        let version = try reader.word(read, verify)
        guard version == Root.layoutVersion else { throw .layout(version) }
        guard try reader.word(read, verify) == length else { throw .length }
        // A difference is told only if the bytes are those that were saved.
        var difference: RestoreError?
        do throws(RestoreError) {
            try parse(&reader, into: table, hostCount, host, read, verify)
        } catch {
            difference = error
        }
        while reader.offset < length &- 8 { _ = try reader.word(read, verify) }
        let sum = reader.sum.value
        guard try reader.word(read, verify) == UInt32(truncatingIfNeeded: sum), try reader.word(read, verify) == UInt32(truncatingIfNeeded: sum &>> 32) else {
            throw .checksum
        }
        if let difference { throw difference }
        for i in 0..<reader.boundCount {
            let bytes = unsafe modules[Int(reader.bound[i])]
            // Safety: as in `bytes`.
            _ = verify(unsafe Span<UInt8>(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
        }
        guard verify(Span()) else { throw .refused }
        return sum
    }

    private func parse(
        _ reader: inout SavedReader, into table: RegionTable?, _ hostCount: Int, _ host: (Int) -> HostFunction, _ read: Read, _ verify: Verify
    ) throws(RestoreError) {
        let hosts = Int(try reader.word(read, verify))
        try parseRoot(&reader, into: table, read, verify)
        for region in 0..<entries { try parseEntry(&reader, region, into: table, read, verify) }
        if tableBytes != Root.bytes + Int(entries) * RegionTable.entryBytes { _ = try reader.word(read, verify) }
        for i in 0..<hosts {
            guard i < hostCount, try reader.pair(read, verify) == SavedSum.of(host(i)) else { throw .hostFunction(i) }
        }
        for i in 0..<regions.count {
            let pool = unsafe MemoryRegion.pool(i, of: regions, behind: tableBytes)
            for word in 0..<pool.count / 8 &* 2 {
                let bits = try reader.word(read, verify)
                // Safety: inside the buffer, which is the embedder's promise; its base is 8-byte aligned.
                if table != nil { unsafe pool.storeBytes(of: bits, toByteOffset: word &* 4, as: UInt32.self) }
            }
        }
        guard reader.offset == length &- 8 else { throw .length }
    }

    private func parseRoot(_ reader: inout SavedReader, into table: RegionTable?, _ read: Read, _ verify: Verify) throws(RestoreError) {
        guard try reader.word(read, verify) == Root.marked else { throw .notSaved }
        let layout = try reader.word(read, verify)
        let code = try reader.word(read, verify)
        let features = layout &>> 24
        guard layout & 0xff == Root.layoutVersion else { throw .layout(layout & 0xff) }
        guard code == CodeNumber.value, features & ~Root.ownFeatures & ~Root.counts == 0, (features & Root.counts != 0) == configuration.countsInstructions else {
            throw .build
        }
        guard layout &>> 8 & 0xffff == UInt32(regions.count) | entries &<< 8 else { throw .counts }
        for word in Root.directory..<Root.count {
            let value = try reader.word(read, verify)
            table?.setRoot(word, value)
        }
    }

    private func parseEntry(_ reader: inout SavedReader, _ region: UInt32, into table: RegionTable?, _ read: Read, _ verify: Verify) throws(RestoreError) {
        let hash = try reader.pair(read, verify)
        let length = try reader.word(read, verify)
        let module = try reader.word(read, verify)
        let state = try reader.word(read, verify)
        var base: UnsafeMutableRawPointer?
        let number = Int(region)
        if number < regions.count {
            let pool = unsafe MemoryRegion.pool(number, of: regions, behind: tableBytes)
            guard Int(length) == pool.count, state == UInt32(regions[number].uses.rawValue) &<< 24 else { throw .region(number) }
            unsafe base = pool.baseAddress
        } else if module != 0 {
            guard let given = given(length: length, hash: hash), unsafe isRight(modules[given], region, HeapReference(bits: module)) else { throw .module(number - regions.count) }
            reader.bind(given)
            // Safety: nothing is written through this pointer; see `load`.
            unsafe base = UnsafeMutableRawPointer(mutating: modules[given].baseAddress)
        }
        guard let table else { return }
        unsafe table.setBase(region, base)
        table.setEntry(region, length: length, module: HeapReference(bits: module), state: state)
    }

    /// Whether a module's block lies where it can be: a .wasm's in a pool; an image's in the image, which is checked anew. What was checked when it was
    /// loaded is not taken on trust: a hash finds accidents, not attackers.
    private func isRight(_ bytes: UnsafeRawBufferPointer, _ region: UInt32, _ block: HeapReference) -> Bool {
        guard unsafe ImageBytes.isImage(bytes) else { return block.region < UInt32(regions.count) }
        guard let image = unsafe try? ImageCheck.header(bytes), block == HeapReference(region: region, offset: image.offset(of: .block)) else { return false }
        return (try? ImageCheck.check(image)) != nil
    }

    /// Which of the modules given has this length and hash.
    private func given(length: UInt32, hash: UInt64) -> Int? {
        for i in unsafe modules.indices {
            let bytes = unsafe modules[i]
            // Safety: the embedder promised that they stay.
            // What lies behind an image is no part of it.
            guard unsafe bytes.count == Int(length) || bytes.count > Int(length) && ImageBytes.isImage(bytes) else { continue }
            let own = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)])
            if unsafe SavedSum.of(Span<UInt8>(_unsafeElements: own.bindMemory(to: UInt8.self))) == hash { return i }
        }
        return nil
    }
}

/// Takes words out of chunks.
struct SavedReader {
    private var chunk = InlineArray<64, UInt32>(repeating: 0)
    private var next = SavedHeader.chunkWords
    private let length: UInt32
    private(set) var offset: UInt32 = 0
    private(set) var sum = SavedSum()
    /// Which of the modules given each saved one is, in their order.
    private(set) var bound = InlineArray<64, UInt8>(repeating: 0)
    private(set) var boundCount = 0

    mutating func bind(_ given: Int) {
        bound[boundCount] = UInt8(truncatingIfNeeded: given)
        boundCount &+= 1
    }

    init(length: UInt32) { self.length = length }

    mutating func word(_ read: Restoration.Read, _ verify: Restoration.Verify) throws(RestoreError) -> UInt32 {
        guard offset < length, length & 7 == 0 else { throw .length }
        if next == SavedHeader.chunkWords { try fill(read, verify) }
        let word = chunk[next]
        next &+= 1
        offset &+= 4
        sum.add(word)
        return word
    }
    mutating func pair(_ read: Restoration.Read, _ verify: Restoration.Verify) throws(RestoreError) -> UInt64 {
        let low = try word(read, verify)
        return UInt64(low) | UInt64(try word(read, verify)) &<< 32
    }

    private mutating func fill(_ read: Restoration.Read, _ verify: Restoration.Verify) throws(RestoreError) {
        let count = Int(min(length &- offset, UInt32(SavedHeader.chunkWords &* 4)))
        let at = offset
        var isRead = false
        // Safety: the chunk's own bytes, for the length of the closure.
        unsafe withUnsafeMutableBytes(of: &chunk) {
            let part = unsafe UnsafeMutableBufferPointer(rebasing: $0.bindMemory(to: UInt8.self)[..<count])
            var bytes = unsafe MutableSpan<UInt8>(_unsafeElements: part)
            isRead = read(at, &bytes)
            if isRead { _ = verify(unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(part))) }
        }
        guard isRead else { throw .source(at) }
        next = 0
    }
}

extension Engine {
    /// An engine in the target's buffers. On error nothing was written there, but for `.changed`.
    init(restoring saved: borrowing Restoration, hostCount: Int, host: (Int) -> HostFunction, _ read: Restoration.Read, _ verify: Restoration.Verify) throws(RestoreError) {
        let sum = try saved.pass(into: nil, hostCount: hostCount, host: host, read, verify)
        // Safety: the first buffer begins with room for the table, and is aligned; the embedder's promise is that nothing else uses it.
        guard let start = unsafe saved.regions[0].buffer.baseAddress else { throw .buffers }
        let pools = UInt32(saved.regions.count)
        let table = unsafe RegionTable(formatting: start, count: saved.entries, pools: pools)
        guard (try? saved.pass(into: table, hostCount: hostCount, host: host, read, verify)) == sum else {
            table.setRoot(Root.mark, 0)
            throw .changed
        }
        self.init(heap: GlobalHeap(regions: table, poolRegions: pools, allocator: nil), saved.configuration)
    }
}
