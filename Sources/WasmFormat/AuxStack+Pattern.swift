// The stack pointer of a module that was stripped of its names, told by what linker and compiler do with it.

extension AuxStack {
    /// The linker puts the stack pointer before every other mutable global of the module; it holds a multiple of 16 inside the memory, and data lies on
    /// one side of it only. At least one function opens a frame with it (`opensFrame`). No other global does all that: a counter or AssemblyScript's
    /// own pointer is set without a local in between, or by what is no multiple of 16.
    static func pattern(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> GlobalIndex? {
        let size = try declaredBytes(bytes, summary)
        var number = summary.importedGlobalCount
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            if entry.type.isMutable && entry.type.valueType == .i32, let start = try self.number(at: entry.initializer, bytes), start > 0, UInt64(start) <= size {
                let isBesideData = try isBesideData(start, bytes, summary)
                return start & 15 == 0 && isBesideData && isUsed(number, bytes, summary) ? GlobalIndex(number) : nil
            }
            number &+= 1
        }
        return nil
    }

    private static func declaredBytes(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> UInt64 {
        var memories = SectionReader<MemoryType>(summary.memories, of: bytes)
        if let type = try memories.next() { return UInt64(type.limits.minimum) &<< UInt64(type.pageShift) }
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            if case .memory(let type) = entry.type { return UInt64(type.limits.minimum) &<< UInt64(type.pageShift) }
        }
        return 0
    }

    private static func isBesideData(_ start: UInt32, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> Bool {
        var (below, above) = (false, false)
        var segments = SectionReader<DataSegment>(summary.data, of: bytes)
        while let segment = try segments.next() {
            guard segment.mode == .active, let address = try number(at: segment.placement, bytes) else { continue }
            if address >= start { above = true } else { below = true }
            if address < start && segment.contents.count > start &- address { above = true }
        }
        return !(below && above)
    }

    /// Whether a function opens a frame. Looks at every byte that could be a `global.get`: a match by chance, inside of a longer number, would have to
    /// be ten bytes long.
    private static func isUsed(_ global: UInt32, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) -> Bool {
        var offset = summary.code.offset
        while offset < summary.code.end {
            if bytes[Int(offset)] == Opcode.globalGet.rawValue {
                var reader = ByteReader(bytes, in: ByteRange(offset: offset &+ 1, count: summary.code.end &- offset &- 1))
                if (try? reader.u32()) == global, (try? opensFrame(&reader, global)) == true { return true }
            }
            offset &+= 1
        }
        return false
    }

    /// Whether what follows `global.get` takes a multiple of 16 off, keeps the result in a local and sets the global to that:
    ///
    ///     i32.const 32, i32.sub, local.tee 3, global.set 0                                                  optimised
    ///     local.set 1, i32.const 32, local.set 2, local.get 1, local.get 2, i32.sub, local.set 3, local.get 3, global.set 0     not
    ///     local.tee 1, i32.const 96, i32.sub, i32.const -32, i32.and, local.tee 2, global.set 0              aligned
    @_lifetime(reader: copy reader)
    private static func opensFrame(_ reader: inout ByteReader, _ global: UInt32) throws(LoadError) -> Bool {
        var frame: Int32?
        var isLess = false
        var kept: UInt32?
        for _ in 0..<12 {
            let byte = try reader.byte()
            switch byte {
            case Opcode.localGet.rawValue:
                // Of another local: what is on top is not what was kept.
                let local = try reader.u32()
                if local != kept { kept = nil }
            case Opcode.localSet.rawValue, Opcode.localTee.rawValue: kept = try reader.u32()
            case Opcode.i32Const.rawValue:
                let value = try reader.s32()
                if frame == nil { frame = value }
                kept = nil
            case Opcode.i32Sub.rawValue:
                guard let frame, frame > 0 else { return false }
                isLess = true
                kept = nil
            case Opcode.i32Add.rawValue:
                guard let frame, frame < 0 else { return false }
                isLess = true
                kept = nil
            case Opcode.i32And.rawValue: kept = nil
            case Opcode.globalSet.rawValue:
                guard let frame else { return false }
                return try reader.u32() == global && isLess && kept != nil && frame & 15 == 0
            default: return false
            }
        }
        return false
    }
}
