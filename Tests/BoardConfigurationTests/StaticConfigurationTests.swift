// Static configurations: what each key gives, and each way in which one can be wrong.

@testable import BoardConfiguration
import Foundation
import Testing

@Suite("A static configuration")
struct StaticConfigurationTests {
    @Test("gives every key's value")
    func values() throws {
        let configuration = try Samples.configuration("""
            pool = "96k"
            pool-region = "RAM"
            second-pool = 16384
            second-pool-region = "CCM"
            second-pool-use = ["structures", "operand-stack"]
            operand-stack = "4k"
            aux-stack = 0x800
            app-heap = 1_000
            memory-cap = "128k"
            overcommit = true
            commit = "heap-base"
            aux-stack-check = false
            native-stack = "12K"
            features = ["Names", "FloatingPoint"]
            module-region = "QSPI"
            """)
        #expect(configuration.file == "app.toml")
        #expect(configuration.pool == 98304)
        #expect(configuration.poolRegion == "RAM")
        #expect(configuration.secondPool == StaticConfiguration.SecondPool(bytes: 16384, region: "CCM", uses: [.structures, .operandStack]))
        #expect(configuration.operandStack == 4096)
        #expect(configuration.auxStack == 2048)
        #expect(configuration.appHeap == 1000)
        #expect(configuration.memoryCap == 131072)
        #expect(configuration.overcommit)
        #expect(configuration.commit == .heapBase)
        #expect(!configuration.checksAuxStack)
        #expect(configuration.nativeStack == 12288)
        #expect(configuration.features == "FloatingPoint,Names")
        #expect(configuration.moduleRegion == "QSPI")
        #expect(!configuration.isStandard)
        #expect(configuration.lines.count == ConfigurationKey.allCases.count)
        for (number, key) in ConfigurationKey.allCases.enumerated() { #expect(configuration.lines[key] == number + 1) }
    }

    @Test("has defaults for what it leaves out", arguments: ["", "# Nothing.\n", "\u{feff}\r\n"])
    func defaults(text: String) throws {
        let configuration = try Samples.configuration(text)
        #expect(configuration.pool == nil && configuration.secondPool == nil && configuration.operandStack == nil)
        #expect(configuration.poolRegion == "RAM")
        #expect(configuration.auxStack == 0 && configuration.appHeap == 0)
        #expect(configuration.memoryCap == nil && configuration.nativeStack == nil && configuration.moduleRegion == nil)
        #expect(!configuration.overcommit && configuration.checksAuxStack)
        #expect(configuration.commit == .touched)
        #expect(configuration.features == "default")
        #expect(configuration.isStandard)
        #expect(StaticConfiguration.standard.file == "no configuration" && StaticConfiguration.standard.isStandard)
    }

    @Test("has a second pool in RAM for the linear memory, if nothing says otherwise")
    func secondPool() throws {
        #expect(try Samples.configuration("second-pool = 48").secondPool == StaticConfiguration.SecondPool(bytes: 48, region: "RAM", uses: [.linearMemory]))
        #expect(try Samples.configuration("second-pool = 4096\nsecond-pool-use = \"all\"").secondPool?.uses == Set(SecondPoolUse.allCases))
        #expect(try Samples.configuration("second-pool = 4096\nsecond-pool-use = \"structures\"").secondPool?.uses == [.structures])
        #expect(try Samples.configuration("second-pool = 0").secondPool == nil)
    }

    @Test("takes one feature as a word, and lists in the table's order, each once", arguments: [
        ("\"minimal\"", "minimal"), ("\"full\"", "full"), ("\"Translator\"", "Translator"), ("[\"Names\"]", "Names"),
        ("[\"Names\", \"Translator\", \"Names\"]", "Translator,Names"), ("[\n  \"FloatingPoint\", # a comment\n  \"Translator\",\n]", "Translator,FloatingPoint"),
    ])
    func features(value: String, features: String) throws {
        #expect(try Samples.configuration("features = \(value)").features == features)
    }

    /// The key, a value in bounds at the edge and what is then there.
    @Test("takes the least, the most, and 0 for none", arguments: [
        (ConfigurationKey.pool, "272", UInt32(272)), (.pool, "268435456", 268_435_456), (.pool, "\"256M\"", 268_435_456),
        (.secondPool, "48", 48), (.secondPool, "\"256M\"", 268_435_456),
        (.operandStack, "64", 64), (.operandStack, "\"256M\"", 268_435_456), (.operandStack, "68", 68),
        (.auxStack, "0", 0), (.auxStack, "1", 1), (.auxStack, "4294901760", 4_294_901_760),
        (.appHeap, "0", 0), (.appHeap, "48", 48), (.appHeap, "49", 49), (.appHeap, "\"256M\"", 268_435_456),
        (.memoryCap, "65536", 65536), (.memoryCap, "4000", 4000), (.memoryCap, "1", 1), (.memoryCap, "\"64k\"", 65536), (.memoryCap, "\"0x10000\"", 65536), (.memoryCap, "4294901760", 4_294_901_760),
        (.nativeStack, "1024", 1024), (.nativeStack, "\"16M\"", 16_777_216),
    ])
    func bounds(key: ConfigurationKey, value: String, bytes: UInt32) throws {
        let configuration = try Samples.configuration("\(key.rawValue) = \(value)")
        let read: UInt32? =
            switch key {
            case .pool: configuration.pool
            case .secondPool: configuration.secondPool?.bytes
            case .operandStack: configuration.operandStack
            case .auxStack: configuration.auxStack
            case .appHeap: configuration.appHeap
            case .memoryCap: configuration.memoryCap
            case .nativeStack: configuration.nativeStack
            default: nil
            }
        #expect(read == bytes)
    }

    @Test("is refused beyond the bounds", arguments: [
        ("pool = 0", "pool = 0 is too small: the least is 208 bytes"),
        ("pool = 200", "pool = 200 is too small: the least is 208 bytes"),
        ("pool = -8", "pool is below 0: the least is 208 bytes"),
        ("pool = \"-8\"", "pool = \"-8\" is no size: write bytes, or \"64k\", \"1M\""),
        ("pool = 1004", "pool = 1,004 is no multiple of 8: the next is 1008"),
        ("pool = 268435464", "pool = 268,435,464 is too large: the most is 268,435,456 bytes"),
        ("pool = \"\"", "pool = \"\" is no size: write bytes, or \"64k\", \"1M\""),
        ("pool = \"64 kB\"", "pool = \"64 kB\" is no size: write bytes, or \"64k\", \"1M\""),
        ("pool = \"99999999999999999999\"", "pool = \"99999999999999999999\" is no size: write bytes, or \"64k\", \"1M\""),
        ("pool = 9223372036854775807", "pool = 9,223,372,036,854,775,807 is too large: the most is 268,435,456 bytes"),
        ("second-pool = 40", "second-pool = 40 is too small: the least is 48 bytes, or 0 for none"),
        ("second-pool = 52", "second-pool = 52 is no multiple of 8: the next is 56"),
        ("second-pool = \"257M\"", "second-pool = 269,484,032 is too large: the most is 268,435,456 bytes"),
        ("operand-stack = 60", "operand-stack = 60 is too small: the least is 64 bytes"),
        ("operand-stack = 66", "operand-stack = 66 is no multiple of 4: the next is 68"),
        ("operand-stack = 268435460", "operand-stack = 268,435,460 is too large: the most is 268,435,456 bytes"),
        ("aux-stack = -1", "aux-stack is below 0: the least is 0 bytes"),
        ("aux-stack = \"4G\"", "aux-stack = 4,294,967,296 is too large: the most is 4,294,901,760 bytes"),
        ("app-heap = 47", "app-heap = 47 is too small: the least is 48 bytes, or 0 for none"),
        ("app-heap = 268435457", "app-heap = 268,435,457 is too large: the most is 268,435,456 bytes"),
        ("memory-cap = 0", "memory-cap = 0 is too small: the least is 1 bytes"),
        ("memory-cap = 4294901761", "memory-cap = 4,294,901,761 is too large: the most is 4,294,901,760 bytes"),
        ("native-stack = 1016", "native-stack = 1,016 is too small: the least is 1,024 bytes"),
        ("native-stack = 1028", "native-stack = 1,028 is no multiple of 8: the next is 1032"),
        ("native-stack = \"17M\"", "native-stack = 17,825,792 is too large: the most is 16,777,216 bytes"),
    ])
    func outOfBounds(line: String, message: String) {
        #expect(Samples.refusal { _ = try Samples.configuration("\n# Line 3 is wrong.\n\(line)\n") } == "app.toml:3: \(message)")
    }

    @Test("is refused where a value is of another type or no known word", arguments: [
        ("pool = true", "pool is a bool: write a size, 65536 or \"64k\""),
        ("pool = 1.5", "pool is a floating-point number: write a size, 65536 or \"64k\""),
        ("pool = [1024]", "pool is an array: write a size, 65536 or \"64k\""),
        ("pool = 2026-01-01", "pool is a date: write a size, 65536 or \"64k\""),
        ("pool.bytes = 1024", "pool is a table: write a size, 65536 or \"64k\""),
        ("[pool]", "pool is a table: write a size, 65536 or \"64k\""),
        ("pool-region = 1", "pool-region is an integer: write the name of a region of the board, in \"\""),
        ("module-region = true", "module-region is a bool: write the name of a region of the board, in \"\""),
        ("overcommit = 1", "overcommit is an integer: write true or false"),
        ("overcommit = \"true\"", "overcommit is a string: write true or false"),
        ("aux-stack-check = \"no\"", "aux-stack-check is a string: write true or false"),
        ("commit = true", "commit is a bool: write one of \"touched\", \"whole\", \"heap-base\""),
        ("commit = \"hole\"", "commit = \"hole\" is not known: did you mean whole?"),
        ("commit = \"everything\"", "commit = \"everything\" is not known: use one of touched, whole, heap-base"),
        ("features = 3", "features is an integer: write \"minimal\", \"default\", \"full\", or a list of \"Translator\", \"FloatingPoint\", \"Names\""),
        ("features = \"Name\"", "features = \"Name\" is not known: did you mean Names?"),
        ("features = \"\"", "features = \"\" is not known: use one of minimal, default, full, Translator, FloatingPoint, Names"),
        ("features = []", "features is an empty list: write \"minimal\", \"default\", \"full\", or remove the line"),
        ("features = [1]", "features has an integer in its list: write strings, in \"\""),
        ("features = [[]]", "features has an array in its list: write strings, in \"\""),
        ("features = [\"full\"]", "features has \"full\" in a list, where it stands alone: write features = \"full\""),
        ("features = [\"floatingpoint\"]", "features has \"floatingpoint\" in its list, which is not known: did you mean FloatingPoint?"),
        ("second-pool-use = [\"all\"]", "second-pool-use has \"all\" in a list, where it stands alone: write second-pool-use = \"all\""),
        ("second-pool-use = \"memory\"", "second-pool-use = \"memory\" is not known: use one of all, structures, operand-stack, linear-memory"),
    ])
    func types(line: String, message: String) {
        #expect(Samples.refusal { _ = try Samples.configuration("\n\(line)\n") } == "app.toml:2: \(message)")
    }

    @Test("is refused for a key that is not known, with the nearest", arguments: [
        ("pol = 1", 1, "unknown key pol: did you mean pool?"),
        ("# one\n\noperand_stack = 64", 3, "unknown key operand_stack: did you mean operand-stack?"),
        ("Pool = 1024", 1, "unknown key Pool: did you mean pool?"),
        ("commit = \"\"\"\npool = 1\n\"\"\"\npoool = 2", 4, "unknown key poool: did you mean pool?"),
        ("pool = 4096\n[board]\nname = \"a\"", 2, "unknown key board: use one of \(ConfigurationKey.allCases.map(\.rawValue).joined(separator: ", "))"),
        // A long string may end with one or two quotes of its own.
        ("commit = \"\"\"a\"\"\"\"\n\npoool = 2", 3, "unknown key poool: did you mean pool?"),
        ("commit = '''a'''''\npoool = 2", 2, "unknown key poool: did you mean pool?"),
        // The first of the file is told, whatever comes first in the alphabet.
        ("features = [\n\"Names\",\n]\nzeroes = 1\nanything-else = 2", 4, "unknown key zeroes: use one of \(ConfigurationKey.allCases.map(\.rawValue).joined(separator: ", "))"),
        ("\"native stack\" = 2048", 1, "unknown key native stack: did you mean native-stack?"),
    ])
    func unknown(text: String, line: Int, message: String) {
        #expect(Samples.refusal { _ = try Samples.configuration(text) } == "app.toml:\(line): \(message)")
    }

    @Test("is refused where it is not TOML, with the line", arguments: [
        ("pool = 1024\npool = 2048", 2), ("pool = 96k", 1), ("commit = \"whole\"\n\npool\n", 3), ("# comment\nfeatures = [\"Names\"", 2), ("pool-region = RAM", 1),
        ("overcommit = yes", 1), ("pool = 99999999999999999999", 1),
    ])
    func notTOML(text: String, line: Int) {
        let refusal = Samples.refusal { _ = try Samples.configuration(text) }
        #expect(refusal.hasPrefix("app.toml:\(line): not valid TOML: "))
        #expect(refusal.hasSuffix(": write key = value, strings in \"\"") && !refusal.contains("\n"))
    }

    @Test("is refused with a zero byte in it, as a module has that was given by mistake")
    func zeroByte() {
        let module = Samples.refusal { _ = try Samples.configuration("\u{0}asm\u{1}") }
        #expect(module == "app.toml:1: a zero byte is in it, so that it is no text: is it the right file?")
        let text = Samples.refusal { _ = try Samples.configuration("pool = 4096\n\u{0}pool = 8192") }
        #expect(text.hasPrefix("app.toml:2: a zero byte"))
    }

    @Test("is refused where its values do not go together", arguments: [
        ("pool = 1024\nsecond-pool-region = \"CCM\"", "app.toml:2: second-pool-region: there is no second pool: set second-pool too, or remove this line"),
        ("second-pool = 0\nsecond-pool-use = \"all\"", "app.toml:2: second-pool-use: there is no second pool: set second-pool too, or remove this line"),
        ("pool = 264", "app.toml:1: pool: 264 bytes do not hold the runtime and an operand stack of 64, which take 268: use 272 or more"),
        ("operand-stack = 1024\npool = 1024",
         "app.toml:2: pool: 1,024 bytes do not hold the runtime and an operand stack of 1,024, which take 1,228: use 1232 or more, or a smaller operand-stack"),
        ("second-pool = 128\nsecond-pool-use = \"operand-stack\"",
         "app.toml:1: second-pool: 128 bytes do not hold an operand stack of 64, which takes 132: use 136 or more"),
        ("second-pool = 1024\noperand-stack = 1024\nsecond-pool-use = \"operand-stack\"",
         "app.toml:1: second-pool: 1,024 bytes do not hold an operand stack of 1,024, which takes 1,092: use 1096 or more, or a smaller operand-stack"),
    ])
    func together(text: String, message: String) {
        #expect(Samples.refusal { _ = try Samples.configuration(text) } == message)
    }

    @Test("needs less of the pool where the second has the operand stack")
    func stackInSecond() throws {
        let configuration = try Samples.configuration("pool = 208\nsecond-pool = 136\nsecond-pool-use = [\"operand-stack\"]")
        #expect(configuration.pool == 208)
        // With all, the pool must still hold one.
        #expect(throws: FileError.self) { try Samples.configuration("pool = 208\nsecond-pool = 136\nsecond-pool-use = \"all\"") }
    }

    @Test("is refused for regions that the board does not have", arguments: [
        ("pool-region = \"SRAM\"", "app.toml:1: pool-region: the board has no region SRAM: its RAM is RAM (64k), CCM (16k) (sample.ld)"),
        ("pool-region = \"FLASH\"", "app.toml:1: pool-region: FLASH is not RAM: its RAM is RAM (64k), CCM (16k) (sample.ld)"),
        ("second-pool = 64\nsecond-pool-region = \"ccm\"", "app.toml:2: second-pool-region: the board has no region ccm: its RAM is RAM (64k), CCM (16k) (sample.ld)"),
        ("module-region = \"CCM\"", "app.toml:1: module-region: CCM is not flash: its flash is FLASH (256k), QSPI (1M) (sample.ld)"),
        ("module-region = \"\"", "app.toml:1: module-region: the board has no region : its flash is FLASH (256k), QSPI (1M) (sample.ld)"),
    ])
    func regions(text: String, message: String) throws {
        let configuration = try Samples.configuration(text), map = try Samples.map()
        #expect(Samples.refusal { try configuration.check(against: map) } == message)
    }

    @Test("fits to the last byte")
    func fits() throws {
        let map = try Samples.map()
        try Samples.configuration("pool = 57344").check(against: map)
        try Samples.configuration("pool = \"16k\"\npool-region = \"CCM\"\nsecond-pool = \"56k\"").check(against: map)
        try Samples.configuration("native-stack = \"32k\"\npool = \"24k\"\nsecond-pool = \"8k\"").check(against: map)
        // 136 for the runtime, 132 for the smallest environment, rounded.
        try Samples.configuration("native-stack = 65264").check(against: map)
        try Samples.configuration("pool = 57248").check(against: map, firmwareBytes: ["RAM": 95, "CCM": 16384])
    }

    @Test("does not fit where one byte is missing")
    func oneByte() throws {
        let configuration = try Samples.configuration("pool = \"16k\"\npool-region = \"CCM\"")
        try configuration.check(against: MemoryMap(text: Samples.script.replacing("len = 16K", with: "len = 16384"), file: "sample.ld"))
        let map = try MemoryMap(text: Samples.script.replacing("len = 16K", with: "len = 16383"), file: "sample.ld")
        #expect(Samples.refusal { try configuration.check(against: map) }
            == "app.toml:1: pool: CCM has 16,383 bytes, and these take 16,384: pool 16,384: lower it by 1 or more, or use another region")
    }

    @Test("is refused where it does not fit, and the line that asks for most is blamed", arguments: [
        ("pool = \"60k\"", UInt64(0), "app.toml:1: pool: RAM has 65,536 bytes, and these take 69,632: native stack 8,192, pool 61,440: lower it by 4096 or more, or use another region"),
        ("pool = 57344", 1,
         "app.toml:1: pool: RAM has 65,536 bytes, and these take 65,544: native stack 8,192, firmware's .data and .bss 8, pool 57,344: lower it by 8 or more, or use another region"),
        ("pool = 1024\nsecond-pool = 4096\nnative-stack = \"63k\"", 0,
         "app.toml:3: native-stack: RAM has 65,536 bytes, and these take 69,632: native stack 64,512, second pool 4,096, pool 1,024: lower it by 4096 or more"),
        ("second-pool = \"17k\"\nsecond-pool-region = \"CCM\"\npool = \"1k\"", 0,
         "app.toml:1: second-pool: CCM has 16,384 bytes, and these take 17,408: second pool 17,408: lower it by 1024 or more, or use another region"),
        ("pool = \"64k\"\nsecond-pool = \"72k\"", 0,
         "app.toml:2: second-pool: RAM has 65,536 bytes, and these take 147,456: native stack 8,192, second pool 73,728, pool 65,536: "
            + "without it they are still too many: lower the others too, or use another region"),
        ("operand-stack = \"60k\"", 0,
         "app.toml:1: operand-stack: RAM has 65,536 bytes, and these take 69,836: native stack 8,192, pool, at least 61,644: lower it by 4300 or more, or use another region"),
        ("# nothing", 57_100,
         "sample.ld:10: RAM has 65,536 bytes, and these take 65,564: native stack 8,192, firmware's .data and .bss 57,104, pool, at least 268: "
            + "set a smaller native-stack or operand-stack in app.toml"),
    ])
    func doesNotFit(text: String, firmwareBytes: UInt64, message: String) throws {
        let configuration = try Samples.configuration(text), map = try Samples.map()
        #expect(Samples.refusal { try configuration.check(against: map, firmwareBytes: ["RAM": firmwareBytes]) } == message)
    }

    @Test("knows the line of a key however it is written", arguments: ["pool", "\"pool\"", "'pool'", "\"po\\u006fl\"", "\"\\U00000070ool\""])
    func spelled(key: String) throws {
        let configuration = try Samples.configuration("\n\(key) = 4096")
        #expect(configuration.pool == 4096 && configuration.lines == [.pool: 2] && !configuration.isStandard)
        #expect(Samples.refusal { _ = try Samples.configuration("\n\(key) = 0") } == "app.toml:2: pool = 0 is too small: the least is 208 bytes")
        #expect(Samples.refusal { _ = try Samples.configuration("# one\n\"p\\u006fols\" = 1") } == "app.toml:2: unknown key pools: did you mean pool?")
    }

    @Test("can be cut off anywhere without a crash")
    func truncations() {
        let bytes = Array("\u{feff}note = \"\"\"a\\\"\"\"\"\"\n'pool' = '''1'''\n\"features\" = [ # ]\n['x', {a = \"]\"}] ]\n[[commit]]\n[ second-pool . x ]\n".utf8)
        for count in 0...bytes.count { _ = try? Samples.configuration(String(decoding: bytes.prefix(count), as: UTF8.self)) }
    }
}

@Suite("The keys of a configuration")
struct ConfigurationKeyTests {
    private static let page = Samples.root.appending(path: "docs/CONFIG.md")
    /// The sample board with RAM for the template's pools.
    private static func largeBoard() throws -> MemoryMap { try MemoryMap(text: Samples.script.replacing("LENGTH = 64K", with: "LENGTH = 256K"), file: "large.ld") }

    @Test("are 15 at most, each named once")
    func few() {
        #expect(ConfigurationKey.allCases.count <= 15)
        #expect(Set(ConfigurationKey.allCases.map(\.rawValue)).count == ConfigurationKey.allCases.count)
    }

    @Test("are in docs/CONFIG.md as the table has them")
    func page() throws {
        if ProcessInfo.processInfo.environment["WRITE_TABLES"] != nil { try ConfigurationKey.page.write(to: Self.page, atomically: true, encoding: .utf8) }
        let written = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(written == ConfigurationKey.page, "docs/CONFIG.md is not what the table of keys says: run this test with WRITE_TABLES=1")
        for key in ConfigurationKey.allCases { #expect(written.contains("\n| `\(key.rawValue)` | ")) }
    }

    @Test("are all in the template, which sets nothing")
    func template() throws {
        #expect(try StaticConfiguration(text: ConfigurationKey.template, file: "no configuration") == .standard)
        #expect(ConfigurationKey.template.split(separator: "\n").allSatisfy { $0.hasPrefix("#") && $0.count <= 100 })
    }

    @Test("can each be un-commented in the template", arguments: ConfigurationKey.allCases)
    func uncommented(key: ConfigurationKey) throws {
        // Two keys say how the second pool is: there must be one.
        let needed: [ConfigurationKey] = key == .secondPoolRegion || key == .secondPoolUse ? [.secondPool, key] : [key]
        let text = needed.reduce(ConfigurationKey.template) { $0.replacing("\n# \($1.rawValue) = ", with: "\n\($1.rawValue) = ") }
        let configuration = try Samples.configuration(text)
        #expect(Set(configuration.lines.keys) == Set(needed))
        let line = try #require(configuration.lines[key])
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false)[line - 1].hasPrefix("\(key.rawValue) = "))
        try configuration.check(against: Self.largeBoard())
    }

    @Test("can all be un-commented together, and then fit a board")
    func allUncommented() throws {
        let text = ConfigurationKey.allCases.reduce(ConfigurationKey.template) { $0.replacing("\n# \($1.rawValue) = ", with: "\n\($1.rawValue) = ") }
        let configuration = try Samples.configuration(text)
        #expect(configuration.lines.count == ConfigurationKey.allCases.count)
        try configuration.check(against: Self.largeBoard())
    }

    @Test("are read as words of the constant that the firmware has")
    func words() throws {
        func texts(_ text: String) throws -> [String] {
            let configuration = try Samples.configuration(text)
            return ConfigurationWord.allCases.map { $0.text(configuration) }
        }
        #expect(try texts("") == ["0x4d434601", "mote_pool_start", "mote_pool_length", "0", "0", "0x00000007", "mote_operand_stack", "0", "0", "0xffffffff", "0x00000000", "0"])
        let second = try texts("""
            second-pool = 4096\nsecond-pool-use = ["structures", "linear-memory"]\noperand-stack = 512\naux-stack = 5\napp-heap = 99\nmemory-cap = "64k"
            overcommit = true\ncommit = "heap-base"\naux-stack-check = false
            """)
        #expect(second == [
            "0x4d434601", "mote_pool_start", "mote_pool_length", "mote_second_pool_start", "4096", "0x00000502", "512", "5", "99", "65536", "0x0000000d", "0",
        ])
        // Where the second serves everything, both do.
        #expect(try texts("second-pool = 4096\nsecond-pool-use = \"all\"")[ConfigurationWord.uses.rawValue] == "0x00000707")
    }
}
