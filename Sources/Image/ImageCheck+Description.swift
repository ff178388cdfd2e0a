// Condition (h): what an image says of its module is what the validator would have passed (core specification 2.0, 3.2 and 3.4).

import WasmFormat

extension ImageCheck {
    mutating func description() throws(LoadError) {
        try types()
        try imports()
        try globals()
        try tablesAndMemory()
        try exports()
        try elementSegments()
        try dataSegments()
        try end(expressions, of: .expressions)
        try end(elements, of: .elements)
        try start()
    }

    // MARK: types

    @_optimize(speed)
    private mutating func types() throws(LoadError) {
        var cursor = ImageHeader.count
        let last = image.offset(of: .imports) / 4
        for number in block &+ ModuleHeader.count..<block &+ ModuleHeader.count &+ typeCount {
            guard cursor <= last, last &- cursor >= 2 else { throw misplaced(cursor) }
            if image[number] != cursor &* 4 &+ 4 { throw misplaced(number) }
            // 0x60, parameters, results, as in a .wasm, behind the word that sums them up.
            let start = cursor
            var place = start &* 4 &+ 4
            if byte(place) != 0x60 { try refuse(.description, at: start &+ 1) }
            place &+= 1
            var summary: UInt32 = 0
            for shift in 0..<2 as Range<UInt32> {
                guard place < last &* 4 else { throw misplaced(start) }
                var count = byte(place)
                place &+= 1
                if count >= 0x80 {
                    // As few bytes as will do: two for 128 to 240.
                    guard place < last &* 4, byte(place) == 1 else { throw misplaced(start) }
                    place &+= 1
                }
                guard count <= last &* 4 &- place, count <= ImplementationLimits.parameters else { throw misplaced(start) }
                // Cells │ references << 16.
                var cells: UInt32 = 0
                while count > 0 {
                    let type = byte(place)
                    if type &- 0x7c < 4 {
                        // f64, f32, i64, i32.
                        cells &+= 2 &- type & 1
                    } else {
                        if !isReference(type) { try refuse(.description, at: place / 4) }
                        cells &+= 0x1_0000
                    }
                    place &+= 1
                    count &-= 1
                }
                guard cells & 0xffff <= ImplementationLimits.parameters else { throw misplaced(start) }
                summary |= cells &<< (shift &* 8)
            }
            if image[start] != summary { try refuse(.description, at: start) }
            if place & 3 != 0, image[place / 4] &>> (place & 3 &* 8) != 0 { try refuse(.description, at: start) }
            cursor = (place &+ 3) / 4
        }
        if cursor != last { throw misplaced(cursor) }
    }

    mutating func misplaced(_ word: UInt32) -> LoadError { LoadError(.imageRefused, at: word &* 4, detail: Condition.layout.rawValue) }

    @inline(__always)
    private mutating func byte(_ place: UInt32) -> UInt32 {
        // Safety: who reads has held the place against what is there.
        unsafe UInt32(bytes[unchecked: Int(truncatingIfNeeded: place)])
    }

    // MARK: names

    /// A name of so many bytes, filled up with zeros: UTF-8. Gives the word behind it.
    @inline(__always)
    private mutating func name(_ count: UInt32, at start: UInt32) throws(LoadError) -> UInt32 {
        let end = start &+ (count &+ 3) / 4
        var high: UInt32 = 0
        var word = start
        while word < end {
            high |= image[word]
            word &+= 1
        }
        if count & 3 != 0, image[end &- 1] &>> (count & 3 &* 8) != 0 { try refuse(.description, at: end &- 1) }
        if high & 0x8080_8080 != 0 { try utf8(count, at: start) }
        return end
    }

    @inline(never)
    private mutating func utf8(_ count: UInt32, at start: UInt32) throws(LoadError) {
        var reader = ByteReader(bytes, in: ByteRange(offset: start &* 4, count: count))
        do throws(LoadError) { try reader.utf8() } catch { try refuse(.description, at: start) }
    }

    // MARK: imports

    /// A name of an import.
    @inline(never)
    private mutating func name(_ count: UInt32, of cursor: UInt32) throws(LoadError) -> UInt32 {
        try room((count &+ 3) / 4, at: cursor, in: .imports)
        return try name(count, at: cursor)
    }

    private mutating func imports() throws(LoadError) {
        var cursor = image.offset(of: .imports) / 4
        let counts = image[ImageHeader.imports]
        var function: UInt32 = 0
        var table: UInt32 = 0
        var memory: UInt32 = 0
        var global: UInt32 = 0
        let globals = image.offset(of: .importedGlobals) / 4
        try room(importedGlobals, at: globals, in: .importedGlobals)
        try room(tables &* 3, at: image.offset(of: .tables) / 4, in: .tables)
        for _ in 0..<counts & 0xffff {
            try room(4, at: cursor, in: .imports)
            let head = image[cursor]
            let lengths = image[cursor &+ 3]
            let (detail, flag) = (head &>> 8 & 0xff, head &>> 16 & 0xff)
            if head &>> 24 != 0 || flag > 1 { try refuse(.description, at: cursor) }
            switch head & 0xff {
            case 0:
                guard function < importedFunctions else { throw misplaced(cursor) }
                if detail != 0 || flag != 0 || image[cursor &+ 2] != 0 { try refuse(.description, at: cursor) }
                if image[cursor &+ 1] >= typeCount { throw misplaced(cursor &+ 1) }
                if image[importTypes &+ function] != image[cursor &+ 1] { try refuse(.description, at: importTypes &+ function) }
                function &+= 1
            case 1:
                guard table < tables else { throw misplaced(cursor) }
                let record = image.offset(of: .tables) / 4 &+ table &* 3
                if image[record] != detail | flag &<< 8 || image[record &+ 1] != image[cursor &+ 1] || image[record &+ 2] != image[cursor &+ 2] {
                    try refuse(.description, at: cursor)
                }
                table &+= 1
            case 2:
                let record = image.offset(of: .memory) / 4
                try room(3, at: record, in: .memory)
                if image[record] != detail | flag &<< 8 || image[record &+ 1] != image[cursor &+ 1] || image[record &+ 2] != image[cursor &+ 2] {
                    try refuse(.description, at: cursor)
                }
                memory &+= 1
            case 3:
                guard global < importedGlobals else { throw misplaced(cursor) }
                if !isType(detail) || image[cursor &+ 1] != 0 || image[cursor &+ 2] != 0 || image[globals &+ global] != detail | flag &<< 8 {
                    try refuse(.description, at: cursor)
                }
                global &+= 1
            default: throw misplaced(cursor)
            }
            cursor &+= 4
            cursor = try name(lengths & 0xffff, of: cursor)
            cursor = try name(lengths &>> 16, of: cursor)
        }
        try end(cursor, of: .imports)
        try end(globals &+ importedGlobals, of: .importedGlobals)
        guard function == importedFunctions, global == importedGlobals, table == counts &>> 16 & 0xff, memory == importedMemories, memory <= 1 else {
            throw misplaced(ImageHeader.imports)
        }
    }

    private mutating func isType(_ byte: UInt32) -> Bool { byte >= 0x7c && byte <= 0x7f || isReference(byte) }
    private mutating func isReference(_ byte: UInt32) -> Bool { byte == 0x70 || byte == 0x6f }

    // MARK: globals

    /// The word of an imported global: its type │ is mutable << 8; 0xffff where there is none.
    mutating func importedGlobal(_ number: UInt32) -> UInt32 { number < importedGlobals ? image[image.offset(of: .importedGlobals) / 4 &+ number] : 0xffff }

    private mutating func globals() throws(LoadError) {
        var cursor = image.offset(of: .globals) / 4
        try room(globalCells &* 2, at: cursor, in: .globals)
        let last = cursor &+ globalCells &* 2
        let pointer = image[block &+ ModuleHeader.region]
        var pointerType = pointer == 0 ? 0x17f : importedGlobal(pointer &>> 16 &- 1)
        var pointerCell: UInt32 = 0
        let first = cursor
        var number = importedGlobals
        while cursor < last {
            let head = image[cursor]
            let type = head & 0xff
            number &+= 1
            if number == pointer &>> 16 { (pointerType, pointerCell) = (head & 0xffff, (cursor &- first) / 2) }
            // Mostly an i32 or f32 that stands there.
            if head & 0xffff_fefd == 0x7d {
                cursor &+= 2
                continue
            }
            if !isType(type) || head &>> 8 & 0xff > 1 { try refuse(.description, at: cursor) }
            try constant(at: cursor, giving: type, last: last)
            cursor &+= head &>> 24 != 0 ? 4 : 2
        }
        try end(last, of: .globals)
        if number &- importedGlobals != image[ImageHeader.globals] & 0xffff { throw misplaced(ImageHeader.globals) }
        // The aux stack's pointer is a mutable i32.
        if pointerType != 0x17f || pointer & 0xffff != pointerCell { try refuse(.description, at: block) }
    }

    /// A constant that gives a type; before `last`.
    private mutating func constant(at word: UInt32, giving type: UInt32, last: UInt32) throws(LoadError) {
        let head = image[word]
        let low = image[word &+ 1]
        let form = head &>> 16 & 0xff
        let isWide = type == 0x7e || type == 0x7c
        if head &>> 24 != (isWide ? 1 : 0) { throw misplaced(word) }
        if isWide {
            guard last &- word >= 4 else { throw misplaced(word) }
            if image[word &+ 2] != 0 || form != 0 && image[word &+ 3] != 0 { try refuse(.description, at: word &+ 2) }
        }
        switch form {
        case 0: if isReference(type) && low != 0 { try refuse(.description, at: word &+ 1) }
        case 1: if importedGlobal(low) != type { try refuse(.description, at: word &+ 1) }
        case 2: if type != 0x70 || low >= functionCount { try refuse(.description, at: word &+ 1) }
        case 3:
            if low != expressions &* 4 { throw misplaced(word &+ 1) }
            guard let type = ValueType(rawValue: UInt8(truncatingIfNeeded: type)), type == .i32 || type == .i64 else { throw misplaced(word) }
            try expression(giving: type)
        default: try refuse(.description, at: word)
        }
    }

    /// The next constant expression: i32 or i64 alone, one value at its end.
    private mutating func expression(giving type: ValueType) throws(LoadError) {
        let start = expressions &* 4
        let end = image.offset(of: .elements)
        guard end > start else { throw misplaced(expressions) }
        var reader = ByteReader(bytes, in: ByteRange(offset: start, count: end &- start))
        var stack = TypeStack()
        do throws(LoadError) {
            try Self.walk(&reader, &stack, &self, type)
        } catch {
            throw LoadError(.imageRefused, at: start, detail: Condition.description.rawValue)
        }
        expressions = reader.offset / 4
    }

    @_lifetime(reader: copy reader)
    private static func walk(_ reader: inout ByteReader, _ stack: inout TypeStack, _ check: inout ImageCheck, _ expected: ValueType) throws(LoadError) {
        while true {
            let at = reader.offset
            switch try reader.packedConstantInstruction() {
            case .number(let type, _): try stack.push(type, at: at)
            case .globalGet(let global):
                guard let type = ValueType(rawValue: UInt8(truncatingIfNeeded: check.importedGlobal(global.rawValue))), check.importedGlobal(global.rawValue) &>> 8 == 0 else {
                    throw LoadError(.unknownGlobal, at: at)
                }
                try stack.push(type, at: at)
            case .arithmetic(let type, _):
                try stack.pop(type, at: at)
                try stack.pop(type, at: at)
                try stack.push(type, at: at)
            case .end:
                try stack.pop(expected, at: at)
                guard stack.depth == 0 else { throw LoadError(.typeMismatch, at: at) }
                return
            case .refNull, .refFunc: throw LoadError(.typeMismatch, at: at)
            }
        }
    }

    // MARK: tables, memory

    private mutating func tablesAndMemory() throws(LoadError) {
        let first = image.offset(of: .tables) / 4
        for table in 0..<tables {
            let record = first &+ table &* 3
            let head = image[record]
            if !isReference(head & 0xff) || head &>> 8 > 1 || !areLimits(record) { try refuse(.description, at: record) }
        }
        try end(first &+ tables &* 3, of: .tables)
        guard tables == image[ImageHeader.imports] &>> 16 & 0xff &+ image[ImageHeader.globals] &>> 16, tables <= ImplementationLimits.tables else {
            throw misplaced(ImageHeader.globals)
        }
        let memory = image.offset(of: .memory) / 4
        hasMemory = memory != image.offset(of: .exports) / 4
        guard hasMemory else {
            if importedMemories != 0 { throw misplaced(memory) }
            return
        }
        try room(3, at: memory, in: .memory)
        try end(memory &+ 3, of: .memory)
        let head = image[memory]
        let most: UInt32 = head & 0xff == 0 ? .max : 65_536
        if head & 0xff != 0 && head & 0xff != 16 || head &>> 8 > 1 || !areLimits(memory) || image[memory &+ 1] > most || image[memory &+ 2] > most {
            try refuse(.description, at: memory)
        }
    }

    private mutating func areLimits(_ record: UInt32) -> Bool {
        image[record] & 0xff00 == 0 ? image[record &+ 2] == 0 : image[record &+ 1] <= image[record &+ 2]
    }

    /// The type of a table's elements; 0 beyond the last one.
    mutating func elementType(_ table: UInt32) -> UInt32 { table < tables ? image[image.offset(of: .tables) / 4 &+ table &* 3] & 0xff : 0 }

    // MARK: exports

    private mutating func exports() throws(LoadError) {
        let image = image
        let count = image[ImageHeader.exports]
        let first = image.offset(of: .exports) / 4
        var record = first
        guard count <= ImplementationLimits.exports else { throw misplaced(ImageHeader.exports) }
        try room(count &* 3, at: record, in: .exports)
        let names = record &+ count &* 3
        let end = image.offset(of: .elementSegments) / 4
        var cursor = names
        let functions = functionCount
        let globals = importedGlobals &+ image[ImageHeader.globals] & 0xffff
        // The name before: where it lies, and its length.
        var before = names
        var beforeCount: UInt32 = 0
        while record < names {
            let length = image[record &+ 1] & 0xffff
            if image[record] != cursor &* 4 { throw misplaced(record) }
            guard (length &+ 3) / 4 <= end &- cursor else { throw misplaced(cursor) }
            let kind = image[record &+ 1] &>> 16
            let space = kind == 0 ? functions : kind == 3 ? globals : kind == 1 ? tables : kind == 2 && hasMemory ? 1 : 0
            if image[record &+ 2] >= space { try refuse(.description, at: record &+ 2) }
            if record > first && !isBefore(before, beforeCount, cursor, length) { try refuse(.description, at: record) }
            (before, beforeCount) = (cursor, length)
            cursor = try name(length, at: cursor)
            record &+= 3
        }
        try self.end(cursor, of: .exports)
    }

    /// Whether a name lies strictly before another, byte by byte. Both are filled up with zeros to a word.
    @inline(__always)
    private mutating func isBefore(_ a: UInt32, _ aCount: UInt32, _ b: UInt32, _ bCount: UInt32) -> Bool {
        var (i, j) = (a, b)
        let last = a &+ (min(aCount, bCount) &+ 3) / 4
        while i < last {
            let (x, y) = (image[i], image[j])
            if x != y { return x.byteSwapped < y.byteSwapped }
            (i, j) = (i &+ 1, j &+ 1)
        }
        return aCount < bCount
    }

    // MARK: segments

    private mutating func elementSegments() throws(LoadError) {
        let count = image[ImageHeader.segments] & 0xffff
        let first = image.offset(of: .elementSegments) / 4
        try room(count &* 4, at: first, in: .elementSegments)
        try end(first &+ count &* 4, of: .elementSegments)
        var passive: UInt32 = 0
        for number in 0..<count {
            let record = first &+ number &* 4
            let head = image[record]
            let type: UInt32 = head & 0xf0 == 0 ? 0x70 : 0x6f
            let mode = head & 15
            if mode > 2 || head & 0xe0 != 0 { try refuse(.description, at: record) }
            if mode == 0 {
                if elementType(head &>> 8 & 0xff) != type { try refuse(.description, at: record) }
                // Mostly a number that stands there.
                if head &>> 16 != 0 { try constant(at: record, giving: 0x7f, last: record &+ 2) }
            } else if head &>> 8 != 0 || image[record &+ 1] != 0 {
                try refuse(.description, at: record)
            }
            if mode == 1 { passive &+= 1 }
            let items = image[record &+ 3]
            if image[record &+ 2] != elements &* 4 || items > ImplementationLimits.elements || mode == 2 && items != 0 { throw misplaced(record &+ 2) }
            try room(items, at: elements, in: .elements)
            for item in elements..<elements &+ items where !isElement(image[item], type) { try refuse(.description, at: item) }
            elements &+= items
        }
        if passive != image[block &+ ModuleHeader.segments] & 0xffff { throw misplaced(block &+ ModuleHeader.segments) }
    }

    private mutating func isElement(_ item: UInt32, _ type: UInt32) -> Bool {
        if item < functionCount { return type == 0x70 }
        if item == PackedElement.null { return true }
        return item & PackedElement.fromGlobal != 0 && importedGlobal(item & ~PackedElement.fromGlobal) == type
    }

    private mutating func dataSegments() throws(LoadError) {
        let count = image[ImageHeader.segments] &>> 16
        let first = image.offset(of: .dataSegments) / 4
        try room(count &* 4, at: first, in: .dataSegments)
        try end(first &+ count &* 4, of: .dataSegments)
        var passive: UInt32 = 0
        for number in 0..<count {
            let record = first &+ number &* 4
            let head = image[record]
            if head & 0xff > 1 || head &>> 8 & 0xff != 0 { try refuse(.description, at: record) }
            if head & 0xff == 0 {
                if !hasMemory { try refuse(.description, at: record) }
                // Mostly a number that stands there.
                if head &>> 16 != 0 { try constant(at: record, giving: 0x7f, last: record &+ 2) }
            } else {
                passive &+= 1
                if head &>> 8 != 0 || image[record &+ 1] != 0 { try refuse(.description, at: record) }
            }
        }
        if passive != image[block &+ ModuleHeader.segments] &>> 16 { throw misplaced(block &+ ModuleHeader.segments) }
    }

    /// The data lie one behind the other, each filled up with zeros to a word, and end the image.
    mutating func contents() throws(LoadError) {
        var cursor = image.offset(of: .data) / 4
        let first = image.offset(of: .dataSegments) / 4
        for number in 0..<image[ImageHeader.segments] &>> 16 {
            let record = first &+ number &* 4
            let count = image[record &+ 3]
            let words = count / 4 &+ (count & 3 == 0 ? 0 : 1)
            guard image[record &+ 2] == cursor &* 4, words <= image.count &- cursor else { throw misplaced(record &+ 2) }
            cursor &+= words
            if count & 3 != 0, image[cursor &- 1] &>> (count & 3 &* 8) != 0 { try refuse(.description, at: cursor &- 1) }
        }
        if cursor != image.count { throw misplaced(cursor) }
    }

    // MARK: start, names of functions

    /// The start function takes nothing and gives nothing.
    private mutating func start() throws(LoadError) {
        let number = image[ImageHeader.start]
        guard number != 0 else { return }
        guard number &- 1 < functionCount else { throw misplaced(ImageHeader.start) }
        let type = number &- 1 < importedFunctions ? image[importTypes &+ number &- 1] : image[records &+ (number &- 1 &- importedFunctions) &* 4 &+ 2] & 0xffff
        guard type < typeCount else { throw misplaced(ImageHeader.start) }
        if typeSummary(type) != 0 { try refuse(.description, at: ImageHeader.start) }
    }

    /// Names of functions: their bytes are for people, only where they lie is looked at.
    mutating func names() throws(LoadError) {
        var cursor = image.offset(of: .names) / 4
        for function in 0..<ownFunctions {
            let place = image[records &+ function &* 4 &+ 3]
            guard place != 0 else { continue }
            guard place == cursor &* 4 else { throw misplaced(records &+ function &* 4 &+ 3) }
            try room(1, at: cursor, in: .names)
            let count = image[cursor]
            try room(count / 4 &+ (count & 3 == 0 ? 0 : 1), at: cursor &+ 1, in: .names)
            cursor &+= 1 &+ count / 4 &+ (count & 3 == 0 ? 0 : 1)
        }
        try end(cursor, of: .names)
    }
}
