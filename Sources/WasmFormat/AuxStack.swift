// The aux stack: the guest's own stack in linear memory, found in the module as its linker left it.
//
//     stack first:  0 │ stack ◀── SP │ data │ heap …                  (Rust, Zig, TinyGo, LLD from 22: `--stack-first`)
//     data first:   0 │ … │ data │ (`__data_end`) stack ◀── SP │ heap …    (clang up to 21)
//
// SP is a mutable i32 global; what it holds at first is where the stack starts. It grows down.

/// Finds the stack pointer and the end of its stack. Takes no memory; linear in the module's size.
package enum AuxStack {
    /// The stack pointer of a valid module with a memory: an import or export called `__stack_pointer`; else the global with that name in the name
    /// section; else, in a module whose globals have no names, the global that looks like one (see `AuxStack+Pattern.swift`).
    ///
    /// `~lib/memory/__stack_pointer` is another thing: AssemblyScript keeps references there for its collector, and checks them itself.
    // Out of line, and with a summary of its own: a copy of the caller's would lie in the frame below which functions are translated.
    @inline(never)
    package static func pointer(in bytes: Span<UInt8>) -> GlobalIndex? {
        guard let summary = try? ModuleScanner.scan(bytes), summary.memoryCount > 0, summary.globalCount > 0 else { return nil }
        var hasNames = false
        // Every byte was validated, but for the contents of custom sections.
        if let found = (try? imported(bytes, summary)) ?? nil { return found }
        if let found = (try? exported(.pointer, bytes, summary)) ?? nil { return isPointer(found, bytes, summary) ? found : nil }
        if let found = (try? named(bytes, &hasNames)) ?? nil { return isPointer(found, bytes, summary) ? found : nil }
        return hasNames ? nil : (try? pattern(bytes, summary)) ?? nil
    }

    /// The lowest address of the stack that starts at `start`, a multiple of 16: 0 if it comes first; else the end of the data, as `__data_end`
    /// has it, or without that export the end of what active segments put there. What follows them without contents (.bss) is then not known, and
    /// counts as stack.
    package static func bottom(ofStackAt start: UInt32, in bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> UInt32 {
        var bottom: UInt32 = 0
        if let global = try exported(.dataEnd, bytes, summary), let end = try self.start(at: global, in: bytes, summary) {
            bottom = end
        } else {
            var segments = SectionReader<DataSegment>(summary.data, of: bytes)
            while let segment = try segments.next() {
                guard segment.mode == .active, let address = try number(at: segment.placement, bytes, isPacked: summary.data.isPacked) else { continue }
                let (end, carry) = address.addingReportingOverflow(segment.contents.count)
                if !carry && end <= start && end > bottom { bottom = end }
            }
        }
        // The linker aligns what lies behind the data.
        let aligned = (bottom &+ 15) & ~15
        return aligned < start ? aligned : 0
    }

    // MARK: names

    private enum Name {
        case pointer, dataEnd
        var text: StaticString {
            switch self {
            case .pointer: "__stack_pointer"
            case .dataEnd: "__data_end"
            }
        }
    }

    private static func isEqual(_ range: ByteRange, _ name: Name, _ bytes: Span<UInt8>) -> Bool {
        let text = name.text
        guard Int(range.count) == text.utf8CodeUnitCount else { return false }
        for i in 0..<text.utf8CodeUnitCount {
            // Safety: below the static string's count.
            if unsafe bytes[Int(range.offset) &+ i] != text.utf8Start[i] { return false }
        }
        return true
    }

    private static func imported(_ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> GlobalIndex? {
        guard summary.importedGlobalCount > 0 else { return nil }
        var number: UInt32 = 0
        var imports = SectionReader<ImportEntry>(summary.imports, of: bytes)
        while let entry = try imports.next() {
            guard case .global(let type) = entry.type else { continue }
            if type.isMutable && type.valueType == .i32 && isEqual(entry.name, .pointer, bytes) { return GlobalIndex(number) }
            number &+= 1
        }
        return nil
    }

    private static func exported(_ name: Name, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> GlobalIndex? {
        var exports = SectionReader<ExportEntry>(summary.exports, of: bytes)
        while let entry = try exports.next() {
            if entry.kind == .global && isEqual(entry.name, name, bytes) { return GlobalIndex(entry.index) }
        }
        return nil
    }

    /// The global that the name section calls so. `hasNames`: there are names of globals at all.
    private static func named(_ bytes: Span<UInt8>, _ hasNames: inout Bool) throws(LoadError) -> GlobalIndex? {
        var module = ByteReader(bytes, at: 8)
        while !module.isAtEnd {
            let id = try module.byte()
            let size = try module.u32()
            var section = try module.take(size, lengthAt: module.offset)
            guard id == 0 else { continue }
            let title = try section.name()
            guard title.count == 4, bytes[Int(title.offset)] == 0x6e, bytes[Int(title.offset) &+ 2] == 0x6d else { continue }
            while !section.isAtEnd {
                let kind = try section.byte()
                let size = try section.u32()
                var names = try section.take(size, lengthAt: section.offset)
                guard kind == 7 else { continue }
                hasNames = true
                var left = try names.u32()
                while left > 0 {
                    let global = GlobalIndex(try names.u32())
                    if isEqual(try names.name(), .pointer, bytes) { return global }
                    left &-= 1
                }
            }
        }
        return nil
    }

    // MARK: globals

    /// Whether a global of the module's own is a mutable i32.
    private static func isPointer(_ global: GlobalIndex, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) -> Bool {
        guard let type = try? entry(global, bytes, summary)?.type else { return false }
        return type.isMutable && type.valueType == .i32
    }

    package static func entry(_ global: GlobalIndex, _ bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> GlobalEntry? {
        guard global.rawValue >= summary.importedGlobalCount else { return nil }
        var left = global.rawValue &- summary.importedGlobalCount
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            if left == 0 { return entry }
            left &-= 1
        }
        return nil
    }

    /// What a global of the module's own holds at first, if that is one number.
    package static func start(at global: GlobalIndex, in bytes: Span<UInt8>, _ summary: borrowing ModuleSummary) throws(LoadError) -> UInt32? {
        guard let entry = try entry(global, bytes, summary), entry.type.valueType == .i32 else { return nil }
        return try number(at: entry.initializer, bytes, isPacked: summary.globals.isPacked)
    }

    /// The value of a constant expression that is one `i32.const`.
    static func number(at offset: UInt32, _ bytes: Span<UInt8>, isPacked: Bool = false) throws(LoadError) -> UInt32? {
        var reader = ByteReader(bytes, at: offset)
        if isPacked {
            let constant = try PackedConstant(from: &reader)
            return constant.form == .value ? constant.low : nil
        }
        guard case .number(.i32, let bits) = try reader.constantInstruction(), case .end = try reader.constantInstruction() else { return nil }
        return UInt32(truncatingIfNeeded: bits)
    }
}
