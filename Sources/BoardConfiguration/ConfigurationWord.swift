// mote_configuration: what a firmware reads of its static configuration. A constant of 12 words in .rodata.mote_configuration, little-endian:
//
//      0  mark           "MCF" in the upper three bytes, the version of this layout in the lowest: 0x4d434601
//      1  pool           address of its first byte, 8-byte aligned
//      2                 bytes, a multiple of 8
//      3  second pool    address of its first byte, 8-byte aligned; 0: there is none
//      4                 bytes, a multiple of 8; 0: there is none
//      5  uses           bits 0-2: MemoryUse of the pool, bits 8-10: MemoryUse of the second pool
//      6  operand stack  bytes, of which some pool must have more
//      7  aux stack      bytes to commit at once
//      8  app heap       bytes; 0: none
//      9  memory cap     bytes; 0xffffffff: no cap
//     10  flags          bit 0: overcommit; bits 1-2: commitment, 0 touched, 1 whole, 2 cut at __heap_base; bit 3: the aux stack is not checked
//     11  reserved       0
//
// MemoryUse: 1 structures, 2 operand stacks, 4 linear memories. Together the two pools serve all of them.

/// A word of `mote_configuration`; the raw value is its place.
public enum ConfigurationWord: Int, CaseIterable, Sendable {
    case mark, pool, poolBytes, secondPool, secondPoolBytes, uses, operandStack, auxStack, appHeap, memoryCap, flags, reserved

    /// Changes with the layout, so that a firmware refuses what it does not know.
    public static let markValue: UInt32 = 0x4d43_4601
    /// In the place of a cap.
    public static let noCap: UInt32 = 0xffff_ffff
    /// The bits of `MemoryUse.all`.
    static let allUses: UInt32 = 7

    /// The word's value in an assembler source: a number, or a symbol that the linker fragment defines.
    func text(_ configuration: StaticConfiguration) -> String {
        switch self {
        case .mark: return ByteSize.hexadecimal(UInt64(Self.markValue))
        case .pool: return "mote_pool_start"
        case .poolBytes: return "mote_pool_length"
        case .secondPool: return configuration.secondPool == nil ? "0" : "mote_second_pool_start"
        case .secondPoolBytes: return "\(configuration.secondPool?.bytes ?? 0)"
        case .uses: return ByteSize.hexadecimal(UInt64(Self.uses(configuration)))
        case .operandStack: return configuration.operandStack.map { "\($0)" } ?? "mote_operand_stack"
        case .auxStack: return "\(configuration.auxStack)"
        case .appHeap: return "\(configuration.appHeap)"
        case .memoryCap: return configuration.memoryCap.map { "\($0)" } ?? ByteSize.hexadecimal(UInt64(Self.noCap))
        case .flags:
            let bits = (configuration.overcommit ? 1 : 0) | configuration.commit.number << 1 | (configuration.checksAuxStack ? 0 : 8)
            return ByteSize.hexadecimal(UInt64(bits))
        case .reserved: return "0"
        }
    }

    public static func uses(_ configuration: StaticConfiguration) -> UInt32 { uses(ofSecondPool: configuration.secondPool?.uses ?? []) }

    /// Word 5: the pool serves what the second does not; where that serves everything, both do.
    public static func uses(ofSecondPool uses: Set<SecondPoolUse>) -> UInt32 {
        let second = uses.reduce(0) { $0 | $1.bit }
        let first = second == allUses ? allUses : allUses & ~second
        return first | second << 8
    }
}
