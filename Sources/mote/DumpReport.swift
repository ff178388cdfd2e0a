// What `mote inspect` shows of a dump or a saved pool: memory, instances with their globals, environments with their frames.

import PoolDump

struct DumpReport: Encodable {
    struct Pool: Encodable {
        let uses: [String]
        let bytes: Int
        let inUse: UInt32
        let peak: UInt32
        let largestFree: Int
        let blocks: Int
    }
    struct Module: Encodable {
        let number: Int
        let bytes: Int
        let isImage: Bool
        var file: String?
        let records: Int
        let registerCode: Int
        let functions: Int
        let imports: Int
    }
    struct Memory: Encodable {
        let declared: UInt64
        let limit: UInt64
        let windowStart: UInt32
        let committed: UInt32
        let peak: UInt32
        let appHeap: UInt32
        let isImported: Bool
    }
    struct AuxStack: Encodable {
        let bottom: UInt32
        let start: UInt32
        let lowest: UInt32
    }
    struct Global: Encodable {
        /// In the module's index space; the first cell's number where the module is not given.
        let index: Int
        let type: String
        let value: String
    }
    struct Instance: Encodable {
        let number: Int
        let module: Int?
        let bytes: Int
        let tables: Int
        let memory: Memory?
        let auxStack: AuxStack?
        let globals: [Global]
    }
    struct Frame: Encodable {
        let instance: Int
        let function: Int
        var name: String?
        let word: Int
        /// In the module, in bytes.
        var offset: UInt32?
    }
    struct Environment: Encodable {
        let number: Int
        let state: String
        let awaitedHostFunction: UInt32?
        let fuelLeft: UInt64?
        let operandStack: Int
        let peak: Int
        let frames: [Frame]
    }

    let kind: String
    let layoutVersion: UInt32
    let codeNumber: UInt32
    let pools: [Pool]
    let modules: [Module]
    let instances: [Instance]
    let environments: [Environment]
    /// What does not fit together.
    var problems: [String] = []
}

extension DumpReport {
    init(_ dump: PoolDump, _ modules: [DumpModule]) {
        kind = dump.isSaved ? "saved pool" : "dump"
        layoutVersion = PoolDump.layoutVersion
        codeNumber = dump.codeNumber
        var problems: [String] = []
        pools = (0..<min(dump.poolCount, dump.regions.count)).map { number in
            let pool = dump.pool(number)
            let walk = pool.walk
            let region = dump.regions[number]
            if region.bytes.count < region.length & ~7 { problems.append("buffer \(number): the dump has \(region.bytes.count) of \(region.length) bytes: give it with --buffer") }
            else if let damage = walk.damage { problems.append("buffer \(number): the header at 0x\(String(damage, radix: 16)) is damaged: something wrote over it") }
            return Pool(
                uses: Self.uses(region.uses), bytes: region.length, inUse: pool.inUse, peak: pool.peak, largestFree: walk.largestFree, blocks: walk.blocksInUse)
        }
        let files = Dictionary(modules.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        self.modules = dump.modules.map {
            Module(
                number: $0.number, bytes: $0.region.length, isImage: $0.isImage, file: files[$0.number]?.file, records: $0.blockBytes - min($0.codeBytes, $0.blockBytes),
                registerCode: $0.isImage ? 0 : $0.codeBytes,
                functions: $0.functions, imports: $0.importedFunctions)
        }
        let images = dump.modules.filter { !$0.isThere }
        for module in images { problems.append("module \(module.number): is an image of \(module.region.length) bytes: give it with --module, for functions and frames") }
        instances = dump.instances.map { Self.instance($0, files) }
        let (environments, isWhole) = dump.environments
        if !isWhole { problems.append("the list of environments is damaged") }
        self.environments = environments.enumerated().map { number, environment in
            if !environment.isWhole && images.isEmpty { problems.append("environment \(number): its frames are damaged: what follows the last one is not known") }
            let frames = environment.frames.map { frame in
                Frame(
                    instance: frame.instance, function: frame.function, name: files[frame.module]?.description.name(ofFunction: UInt32(frame.function)), word: frame.word,
                    offset: files[frame.module]?.offset(function: frame.function, word: frame.word))
            }
            return Environment(
                number: number, state: environment.state, awaitedHostFunction: environment.awaited, fuelLeft: environment.fuelLeft, operandStack: environment.stackBytes,
                peak: environment.peakBytes, frames: frames)
        }
        for module in modules { problems += module.problems }
        self.problems = problems
    }

    private static func uses(_ bits: UInt8) -> [String] {
        ["runtime structures", "operand stacks", "linear memories"].enumerated().filter { bits & 1 << UInt8($0.offset) != 0 }.map(\.element)
    }

    private static func instance(_ instance: PoolDump.Instance, _ files: [Int: DumpModule]) -> Instance {
        let memory = instance.memory.map {
            Memory(
                declared: $0.declared, limit: $0.limit, windowStart: $0.low, committed: $0.committed, peak: $0.peak, appHeap: $0.appHeapBytes, isImported: $0.isImported)
        }
        let globals = instance.module.flatMap { files[$0.number]?.globals(instance.globals) }
            ?? instance.globals.enumerated().map { Global(index: $0.offset, type: "cell", value: "0x" + String($0.element, radix: 16)) }
        return Instance(
            number: instance.number, module: instance.module?.number, bytes: instance.blockBytes, tables: instance.tableBytes, memory: memory,
            auxStack: instance.auxStack.map { AuxStack(bottom: $0.bottom, start: $0.start, lowest: $0.lowest) }, globals: globals)
    }

    func text(file: String) -> [String] {
        var lines = ["\(file): \(kind), layout \(layoutVersion), code 0x\(String(codeNumber, radix: 16))"]
        for (number, pool) in pools.enumerated() {
            lines.append("buffer \(number): \(pool.bytes) bytes for \(pool.uses.joined(separator: ", "))")
            lines.append("  in use \(pool.inUse), peak \(pool.peak), largest free block \(pool.largestFree), blocks \(pool.blocks)")
        }
        for module in modules {
            lines.append("module \(module.number): \(module.isImage ? "image of " : "")\(module.bytes) bytes\(module.file.map { ", \($0)" } ?? "")")
            lines.append("  records \(module.records), register code \(module.registerCode), functions \(module.functions) and \(module.imports) imported")
        }
        for instance in instances {
            lines.append("instance \(instance.number)\(instance.module.map { " of module \($0)" } ?? ": of no module that is there")")
            lines.append("  instance: \(instance.bytes) bytes, tables: \(instance.tables)")
            if let memory = instance.memory {
                lines.append(
                    "  linear memory\(memory.isImported ? " (another's)" : ""): \(memory.committed) bytes committed at \(memory.windowStart), peak \(memory.peak), "
                        + "declared \(memory.declared), limit \(memory.limit)" + (memory.appHeap > 0 ? ", app heap \(memory.appHeap)" : ""))
            }
            if let stack = instance.auxStack { lines.append("  aux stack: from \(stack.start) down to \(stack.bottom), lowest \(stack.lowest)") }
            for global in instance.globals { lines.append("  global \(global.index): \(global.value) \(global.type)") }
        }
        for environment in environments {
            let awaited = environment.awaitedHostFunction.map { " \($0)" } ?? ""
            let fuel = environment.fuelLeft.map { ", fuel left \($0)" } ?? ""
            lines.append("environment \(environment.number): \(environment.state)\(awaited)\(fuel), operand stack \(environment.operandStack) bytes, peak \(environment.peak)")
            for (number, frame) in environment.frames.enumerated() {
                let name = frame.name.map { " \"\($0)\"" } ?? ""
                let place = frame.offset.map { "at 0x" + String($0, radix: 16) } ?? "at word \(frame.word)"
                lines.append("  #\(number) instance \(frame.instance), function \(frame.function)\(name) \(place)")
            }
        }
        lines += problems.map { "problem: \($0)" }
        return lines
    }

    /// Sixteen bytes a line, `--` for one that is out of bounds or not in the dump.
    static func hex(_ memory: PoolDump.Memory, _ range: Range<UInt64>) -> [String] {
        stride(from: range.lowerBound, to: range.upperBound, by: 16).map { start in
            let bytes = (start..<min(start + 16, range.upperBound)).map { memory.byte($0) }
            let digits = bytes.map { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) } ?? "--" }.joined(separator: " ")
            let text = String(decoding: bytes.map { $0.map { (0x20..<0x7f).contains($0) ? $0 : 0x2e } ?? 0x20 }, as: UTF8.self)
            let address = String(start, radix: 16)
            return String(repeating: "0", count: max(0, 8 - address.count)) + address + "  " + digits + String(repeating: " ", count: (16 - bytes.count) * 3) + "  " + text
        }
    }
}
