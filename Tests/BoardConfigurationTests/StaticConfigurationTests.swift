// The TOML file: each key's value, its bounds, and the one line for what is wrong.

@testable import BoardConfiguration
import Foundation
import Testing

@Suite struct StaticConfigurationTests {
    private func read(_ text: String) throws -> StaticConfiguration { try StaticConfiguration(text: text, file: "app.toml") }

    private func error(_ text: String, check: Bool = false, firmwareBytes: [String: UInt64] = [:]) -> String {
        do {
            let configuration = try read(text)
            if check { try configuration.check(against: MemoryMap(text: Samples.script, file: "board.ld"), firmwareBytes: firmwareBytes) }
            return "none"
        } catch { return "\(error)" }
    }

    @Test("An empty file is the standard configuration") func empty() throws {
        let configuration = try read("# nothing\n")
        #expect(configuration.isStandard && configuration.pool == nil && configuration.poolRegion == "RAM" && configuration.secondPool == nil)
        #expect(configuration.operandStack == nil && configuration.auxStack == 0 && configuration.appHeap == 0 && configuration.memoryCap == nil)
        #expect(!configuration.overcommit && configuration.commit == .touched && configuration.checksAuxStack && configuration.nativeStack == nil)
        #expect(configuration.features == "default" && configuration.moduleRegion == nil)
    }

    @Test("There are 15 keys, and each is read") func every() throws {
        #expect(ConfigurationKey.allCases.count == 15)
        let text = """
            pool = "16k"
            pool-region = "CCM"
            second-pool = 8192
            second-pool-region = "RAM"
            second-pool-use = ["linear-memory", "operand-stack"]
            operand-stack = "0x400"
            aux-stack = 512
            app-heap = "1k"
            memory-cap = "1M"
            overcommit = true
            commit = "heap-base"
            aux-stack-check = false
            native-stack = "4k"
            features = ["Names", "FloatingPoint"]
            module-region = "QSPI"
            """
        let configuration = try read(text)
        #expect(configuration.lines.count == 15 && !configuration.isStandard)
        #expect(configuration.pool == 16384 && configuration.poolRegion == "CCM" && configuration.operandStack == 1024)
        #expect(configuration.secondPool == StaticConfiguration.SecondPool(bytes: 8192, region: "RAM", uses: [.linearMemory, .operandStack]))
        #expect(configuration.auxStack == 512 && configuration.appHeap == 1024 && configuration.memoryCap == 1 << 20)
        #expect(configuration.overcommit && configuration.commit == .heapBase && !configuration.checksAuxStack)
        #expect(configuration.nativeStack == 4096 && configuration.features == "FloatingPoint,Names" && configuration.moduleRegion == "QSPI")
    }

    @Test("A size is held to its least, its most and what it is a multiple of; the nearest beside them are taken")
    func bounds() throws {
        for key in ConfigurationKey.allCases {
            guard case .bytes(let rule) = key.row.kind else { continue }
            // Nothing but the key: what the sizes must be to each other is checked behind.
            func value(_ bytes: UInt64) throws -> UInt32? { try ConfigurationValues(text: "\(key.rawValue) = \(bytes)", file: "app.toml").bytes(key) }
            #expect(try value(rule.minimum) == UInt32(rule.minimum) && value(rule.maximum) == UInt32(rule.maximum), "\(key)")
            #expect(throws: FileError.self) { try value(rule.maximum + rule.multiple) }
            if rule.minimum > 0 { #expect(throws: FileError.self) { try value(rule.minimum - 1) } }
            if rule.multiple > 1 { #expect(throws: FileError.self) { try value(rule.minimum + 1) } }
            if rule.zeroIsNone { #expect(try value(0) == 0) }
        }
    }

    @Test("What is wrong is told with file, line and remedy", arguments: [
        ("pool = 100\n", "app.toml:1: pool = 100 is too small: the least is 208 bytes"),
        ("\npool = 1001\n", "app.toml:2: pool = 1,001 is no multiple of 8: the next is 1008"),
        ("memory-cap = 65537", "app.toml:1: memory-cap = 65,537 is no multiple of 65,536: the next is 131072"),
        ("pool = \"lots\"", "app.toml:1: pool = \"lots\" is no size: write bytes, or \"64k\", \"1M\""),
        ("pool = true", "app.toml:1: pool is a bool: write a size, 65536 or \"64k\""),
        ("pool = -8", "app.toml:1: pool is below 0: the least is 208 bytes"),
        ("overcommit = 1", "app.toml:1: overcommit is an integer: write true or false"),
        ("commit = \"all\"", "app.toml:1: commit = \"all\" is not known: use one of touched, whole, heap-base"),
        ("pol = 1024", "app.toml:1: unknown key pol: did you mean pool?"),
        ("features = [\"default\"]", "app.toml:1: features has \"default\" in a list, where it stands alone: write features = \"default\""),
        ("features = []", "app.toml:1: features is an empty list: write \"minimal\", \"default\", \"full\", or remove the line"),
        ("second-pool-use = \"all\"", "app.toml:1: second-pool-use: there is no second pool: set second-pool too, or remove this line"),
        ("pool = 1024\noperand-stack = 1024", "app.toml:1: pool: 1,024 bytes do not hold the runtime and an operand stack of 1,024, which take 1,228: use 1232 or more, or a smaller operand-stack"),
    ])
    func wrong(text: String, expected: String) { #expect(error(text) == expected) }

    @Test("What is no TOML, or is set twice, is told with its line") func syntax() {
        #expect(error("pool = 1024\npool = ").hasPrefix("app.toml:2: not valid TOML: "))
        #expect(error("pool = 1024\n\npool = 2048\n").hasPrefix("app.toml:3: "))
    }

    @Test("What does not fit the board is refused, the line that asks for most blamed", arguments: [
        ("pool = \"60k\"", [:], "app.toml:1: pool: RAM has 65,536 bytes, and these take 69,632: native stack 8,192, pool 61,440: lower it by 4096 or more, or use another region"),
        ("pool = \"56k\"", ["RAM": UInt64(12)], "app.toml:1: pool: RAM has 65,536 bytes, and these take 65,552: native stack 8,192, firmware's .data and .bss 16, pool 57,344: lower it by 16 or more, or use another region"),
        ("pool = \"56k\"", [:], "none"),
        ("native-stack = \"80k\"\npool = 1024\noperand-stack=256", [:], "app.toml:1: native-stack: RAM has 65,536 bytes, and these take 82,944: native stack 81,920, pool 1,024: lower it by 17408 or more, or use another region"),
        ("pool-region = \"QSPI\"", [:], "app.toml:1: pool-region: QSPI is not RAM: its RAM is RAM (64k), CCM (16k) (board.ld)"),
        ("module-region = \"CCM\"", [:], "app.toml:1: module-region: CCM is not flash: its flash is FLASH (256k), QSPI (1M) (board.ld)"),
        ("second-pool = 8192\nsecond-pool-region = \"DTCM\"", [:], "app.toml:2: second-pool-region: the board has no region DTCM: its RAM is RAM (64k), CCM (16k) (board.ld)"),
    ])
    func fits(text: String, firmwareBytes: [String: UInt64], expected: String) { #expect(error(text, check: true, firmwareBytes: firmwareBytes) == expected) }

    @Test("docs/CONFIG.md is the table of keys") func page() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/CONFIG.md")
        if ProcessInfo.processInfo.environment["WRITE_TABLES"] != nil { try ConfigurationKey.page.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == ConfigurationKey.page, "run WRITE_TABLES=1 swift test --filter StaticConfigurationTests")
    }

    @Test("The template sets nothing, and each of its lines is right when its # is taken away") func template() throws {
        #expect(try read(ConfigurationKey.template).isStandard)
        let lines = ConfigurationKey.template.split(separator: "\n")
        for key in ConfigurationKey.allCases {
            let line = try #require(lines.first { $0.hasPrefix("# \(key.rawValue) = ") }, "\(key.rawValue)")
            let needed = key == .secondPoolRegion || key == .secondPoolUse ? "second-pool = 4096\n" : ""
            #expect(try read(needed + line.dropFirst(2)).lines[key] != nil, "\(line)")
        }
    }
}
