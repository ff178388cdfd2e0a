// From a configuration to what the build links: a constant for the firmware, and a fragment for the linker.
//
//     FLASH  | .vectors | .text | .rodata with mote_configuration | .app, unless module-region is another | image of .data |
//     RAM    | .stack, its size overridden | .data | .bss | .mote_second_pool | .mote_pool, or it is what is left |

/// Where a configuration's buffers lie on a board.
public struct Placement: Sendable {
    let manifest: BoardManifest
    let map: MemoryMap
    let configuration: StaticConfiguration

    /// Throws `FileError` where the configuration does not fit the board. `firmwareBytes` as `StaticConfiguration.check` has it.
    public init(_ configuration: StaticConfiguration, on manifest: BoardManifest, map: MemoryMap, firmwareBytes: [String: UInt64] = [:]) throws(FileError) {
        try configuration.check(against: map, firmwareBytes: firmwareBytes)
        self.manifest = manifest
        self.map = map
        self.configuration = configuration
    }

    /// A source for the assembler, Arm's or RISC-V's: the constant `mote_configuration`, 48 bytes of flash.
    public var assembly: String {
        var text = """
            /* \(Self.commentText("\(configuration.file) for \(manifest.name)")); the words are told in ConfigurationWord.swift. */
                .section .rodata.mote_configuration, "a", %progbits
                .balign 4
                .global mote_configuration
                .hidden mote_configuration
                .type mote_configuration, %object
            mote_configuration:

            """
        for word in ConfigurationWord.allCases { text += "    .long \(word.text(configuration)) /* \(word) */\n" }
        return text + "    .size mote_configuration, . - mote_configuration\n"
    }

    /// A script for ld.lld, given as a second -T behind the board's own.
    public var linkerFragment: String {
        var text = "/* \(Self.commentText("\(configuration.file) for \(manifest.name): given to ld.lld as -T behind \(map.file).")) */\n"
        let replaced = stackSection + moduleSection
        // In the place of the board's own section of that name, whichever script is read first.
        if !replaced.isEmpty { text += "OVERWRITE_SECTIONS\n{\n\(replaced)}\n" }
        let pools = secondPoolSection + poolSection
        // Behind .bss, which is the last of RAM: what has a size comes before what takes the rest.
        if !pools.isEmpty { text += "SECTIONS\n{\n\(pools)}\nINSERT AFTER .bss;\n" }
        return text + symbols
    }

    private var stackSection: String {
        guard let bytes = configuration.nativeStack else { return "" }
        // RISC-V's stack pointer is a multiple of 16, and linker/riscv.ld insists on it: 8 bytes more where the size is not.
        let alignment: UInt32 = manifest.core == .riscv32 ? 16 : 8
        return """
                .stack (NOLOAD) : ALIGN(\(alignment))
                {
                    __stack_size = \((bytes + alignment - 1) / alignment * alignment);
                    __stack_limit = .;
                    . += __stack_size;
                    __stack_top = .;
                } > \(MemoryMap.mainRAM)

            """
    }

    private var moduleSection: String {
        guard let region = configuration.moduleRegion, region != MemoryMap.mainFlash else { return "" }
        return "    .app : ALIGN(4) { *(.mote_app) . = ALIGN(4); } > \(region)\n"
    }

    private var secondPoolSection: String {
        configuration.secondPool.map { Self.section("second_pool", bytes: "\($0.bytes)", in: $0.region) } ?? ""
    }

    private var takesRestOfMainRAM: Bool { configuration.pool == nil && configuration.poolRegion == MemoryMap.mainRAM }

    private var poolSection: String {
        if takesRestOfMainRAM { return "" }
        if let bytes = configuration.pool { return Self.section("pool", bytes: "\(bytes)", in: configuration.poolRegion) }
        let end = map.region(named: configuration.poolRegion)?.end ?? 0
        return Self.section("pool", bytes: Self.rest(to: ByteSize.hexadecimal(end), from: "."), in: configuration.poolRegion)
    }

    private static func section(_ name: String, bytes: String, in region: String) -> String {
        "    .mote_\(name) (NOLOAD) : ALIGN(8) { \(name == "pool" ? "" : "mote_\(name)_start = .; "). += \(bytes); mote_\(name)_end = .; } > \(region)\n"
    }

    /// A quarter of its pool, 8 KB at most, as linker/cortex-m.ld has it for the pool alone; of a small second pool, the least that a key could set.
    private var operandStackSymbol: String {
        guard configuration.operandStack == nil else { return "" }
        let pool = configuration.operandStackIsInSecond ? "\(configuration.secondPool?.bytes ?? 0)" : "mote_pool_length"
        return "mote_operand_stack = MAX(MIN(\(pool) / 16 * 4, 8K), 64);\n"
    }

    /// Whole words of 8 bytes, as many as a pool can have.
    private static func rest(to end: String, from start: String) -> String { "MIN((\(end) - \(start)) / 8 * 8, \(ConfigurationKey.largestPool))" }

    private var symbols: String {
        var text = ""
        // The linker script counts as free what lies behind .bss: the buffers there are not.
        if configuration.pool != nil && configuration.poolRegion == MemoryMap.mainRAM {
            text += "__free_ram_start = mote_pool_end;\n"
        } else if configuration.secondPool?.region == MemoryMap.mainRAM {
            text += "__free_ram_start = mote_second_pool_end;\n"
        }
        if takesRestOfMainRAM { return text + "mote_pool_start = __free_ram_start;\nmote_pool_length = \(Self.rest(to: "__free_ram_end", from: "__free_ram_start"));\n" + operandStackSymbol }
        // Not inside the section: there cortex-m.ld's PROVIDE would win.
        return text + "mote_pool_start = ADDR(.mote_pool);\nmote_pool_length = SIZEOF(.mote_pool);\n" + operandStackSymbol
    }

    /// Cannot end the comment.
    private static func commentText(_ text: String) -> String { text.split(separator: "*/").joined(separator: "* /") }
}
