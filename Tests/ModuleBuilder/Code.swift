// Instructions as bytes, for the bodies that tests write. Those without an immediate are constants.

public enum Code {
    public static func i32(_ value: Int32) -> [UInt8] { [0x41] + signedLEB(Int64(value)) }
    public static func i64(_ value: Int64) -> [UInt8] { [0x42] + signedLEB(value) }
    public static func f32(_ value: Float) -> [UInt8] { [0x43] + bytes(UInt64(value.bitPattern), 4) }
    public static func f64(_ value: Double) -> [UInt8] { [0x44] + bytes(value.bitPattern, 8) }
    private static func bytes(_ bits: UInt64, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt64($0 * 8)) } }

    public static func localGet(_ index: Int) -> [UInt8] { [0x20] + leb(index) }
    public static func localSet(_ index: Int) -> [UInt8] { [0x21] + leb(index) }
    public static func localTee(_ index: Int) -> [UInt8] { [0x22] + leb(index) }
    public static func globalGet(_ index: Int) -> [UInt8] { [0x23] + leb(index) }
    public static func globalSet(_ index: Int) -> [UInt8] { [0x24] + leb(index) }
    public static func tableGet(_ table: Int) -> [UInt8] { [0x25] + leb(table) }
    public static func tableSet(_ table: Int) -> [UInt8] { [0x26] + leb(table) }

    public static func call(_ function: Int) -> [UInt8] { [0x10] + leb(function) }
    public static func callIndirect(_ type: Int, table: Int = 0) -> [UInt8] { [0x11] + leb(type) + leb(table) }
    public static func br(_ label: Int) -> [UInt8] { [0x0c] + leb(label) }
    public static func brIf(_ label: Int) -> [UInt8] { [0x0d] + leb(label) }
    public static func brTable(_ labels: [Int], _ last: Int) -> [UInt8] { [0x0e] + leb(labels.count) + labels.flatMap { leb($0) } + leb(last) }

    /// `block`, `loop` and `if` with a body and their `end`; without a type they give nothing.
    public static func block(_ type: Kind? = nil, _ body: [UInt8]) -> [UInt8] { [0x02, type?.rawValue ?? 0x40] + body + [0x0b] }
    public static func loop(_ type: Kind? = nil, _ body: [UInt8]) -> [UInt8] { [0x03, type?.rawValue ?? 0x40] + body + [0x0b] }
    public static func `if`(_ type: Kind? = nil, _ body: [UInt8], else other: [UInt8]? = nil) -> [UInt8] {
        [0x04, type?.rawValue ?? 0x40] + body + (other.map { [0x05] + $0 } ?? []) + [0x0b]
    }

    /// A load or store with an offset; alignment 1.
    public static func memory(_ opcode: UInt8, offset: Int = 0) -> [UInt8] { [opcode, 0] + leb(offset) }
    public static let i32Load: UInt8 = 0x28
    public static let i64Load: UInt8 = 0x29
    public static let i32Load8U: UInt8 = 0x2d
    public static let i32Store: UInt8 = 0x36
    public static let i64Store: UInt8 = 0x37
    public static let i32Store8: UInt8 = 0x3a

    public static let unreachable: [UInt8] = [0x00]
    public static let `return`: [UInt8] = [0x0f]
    public static let drop: [UInt8] = [0x1a]
    public static let select: [UInt8] = [0x1b]
    public static let memorySize: [UInt8] = [0x3f, 0]
    public static let memoryGrow: [UInt8] = [0x40, 0]
    public static let i32Eqz: [UInt8] = [0x45]
    public static let i32Add: [UInt8] = [0x6a]
    public static let i32Sub: [UInt8] = [0x6b]
    public static let i32Mul: [UInt8] = [0x6c]
    public static let i64Add: [UInt8] = [0x7c]
    public static let f32Add: [UInt8] = [0x92]
    public static let f64Add: [UInt8] = [0xa0]
    public static let i32WrapI64: [UInt8] = [0xa7]

    public static func refNull(_ kind: Kind) -> [UInt8] { [0xd0, kind.rawValue] }
    public static let refIsNull: [UInt8] = [0xd1]
    public static func refFunc(_ function: Int) -> [UInt8] { [0xd2] + leb(function) }

    public static func memoryInit(_ segment: Int) -> [UInt8] { [0xfc, 8] + leb(segment) + [0] }
    public static func dataDrop(_ segment: Int) -> [UInt8] { [0xfc, 9] + leb(segment) }
    public static let memoryCopy: [UInt8] = [0xfc, 10, 0, 0]
    public static let memoryFill: [UInt8] = [0xfc, 11, 0]
    public static func tableInit(_ segment: Int, table: Int = 0) -> [UInt8] { [0xfc, 12] + leb(segment) + leb(table) }
    public static func elemDrop(_ segment: Int) -> [UInt8] { [0xfc, 13] + leb(segment) }
    public static func tableCopy(_ to: Int = 0, _ from: Int = 0) -> [UInt8] { [0xfc, 14] + leb(to) + leb(from) }
    public static func tableGrow(_ table: Int) -> [UInt8] { [0xfc, 15] + leb(table) }
    public static func tableSize(_ table: Int) -> [UInt8] { [0xfc, 16] + leb(table) }
    public static func tableFill(_ table: Int) -> [UInt8] { [0xfc, 17] + leb(table) }
}
