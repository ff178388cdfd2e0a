// A module's file beside a dump: names and types; of a .wasm also the wasm offsets of its register code, from translating it again.

import Image
import PoolDump
import Runtime
import WasmFormat

struct DumpModule {
    let file: String
    /// Of the module in the dump.
    let number: Int
    let description: ModuleDescription
    private let globalTypes: [GlobalType]
    private let importedGlobals: Int
    private let importedFunctions: Int
    /// Offsets of all words, function after function, and where each function begins among them.
    private let offsets: [UInt32]
    private let starts: [Int]
    private(set) var problems: [String] = []

    /// Throws `Exit` if the file is not that of any module in the dump, or cannot be loaded.
    init(file: String, for dump: PoolDump) throws {
        let bytes = try Memory(file: file)
        let content = bytes.span.indices.map { bytes.span[$0] }
        let hash = PoolDump.hash(content)
        guard let module = dump.modules.first(where: { $0.region.length == content.count && ($0.region.hash ?? hash) == hash }) else {
            let lengths = dump.modules.map { "\($0.region.length)" }.joined(separator: ", ")
            throw Exit(.usage, "\(file): is no module of the dump, which has \(lengths.isEmpty ? "none" : "modules of \(lengths) bytes"): give the file that was loaded")
        }
        self.file = file
        number = module.number
        description = ModuleDescription(bytes.span)
        let pool = Memory(count: min(max(16 << 20, content.count * 16), ByteCount.largestPool) & ~7)
        do throws(LoadError) {
            (globalTypes, importedGlobals) = try Self.globals(bytes)
            guard !module.isImage else {
                // Its code is the file's own, and there is no wasm to point to.
                (offsets, starts, importedFunctions) = ([], [], module.importedFunctions)
                return
            }
            var configuration = Configuration()
            configuration.countsInstructions = dump.features & 1 != 0
            // Safety: pool and bytes outlive the runtime.
            var runtime = unsafe try Runtime<MoteHost>(buffer: pool.bytes, configuration: configuration)
            let loaded = unsafe try runtime.load(bytes.contents)
            let code: (offsets: [UInt32], starts: [Int], imports: Int, differences: [Int])
            do throws(HandleError) { code = try Self.code(&runtime, loaded, module) } catch { preconditionFailure("the module was just loaded") }
            (offsets, starts, importedFunctions) = (code.offsets, code.starts, code.imports)
            problems = code.differences.map { "module \(module.number): the register code of function \($0) is not what \(file) gives: another module, or overwritten" }
        } catch {
            throw Exit(.cannotLoad, "\(file): \(error.words)")
        }
    }

    private static func globals(_ file: borrowing Memory) throws(LoadError) -> ([GlobalType], Int) {
        let module = file.span
        let summary: ModuleSummary
        if ImageDescription.isImage(module) {
            let image = unsafe try ImageCheck.header(file.contents)
            try ImageCheck.check(image)
            summary = image.summary()
        } else {
            summary = try ModuleScanner.scan(module)
        }
        var types: [GlobalType] = []
        var globals = SectionReader<GlobalEntry>(summary.globals, of: module)
        while let global = try globals.next() { types.append(global.type) }
        return (types, Int(summary.importedGlobalCount))
    }

    private static func code(_ runtime: inout Runtime<MoteHost>, _ loaded: Module, _ module: PoolDump.Module) throws(HandleError) -> ([UInt32], [Int], Int, [Int]) {
        let counts = try runtime.functionCounts(loaded)
        var offsets = [UInt32](repeating: 0, count: Int(try runtime.codeWords(loaded)) + 2)
        var span = offsets.mutableSpan
        if try !runtime.wasmOffsets(loaded, &span) { offsets = [] }
        var starts: [Int] = []
        var differences: [Int] = []
        var place = 0
        for function in 0..<counts.own {
            starts.append(place)
            let words = try runtime.functionSize(loaded, function).words
            let record = module.record(Int(function))
            for word in 0..<words where module.codeWord((record?.start ?? 0) + Int(word) * 4) != (try runtime.word(loaded, function, word)).bits {
                differences.append(Int(function + counts.imported))
                break
            }
            place += Int(words)
        }
        return (offsets, starts + [place], Int(counts.imported), differences)
    }

    /// Where a word came from; nil where the dump's numbers fit no function.
    func offset(function: Int, word: Int) -> UInt32? {
        let own = function - importedFunctions
        guard own >= 0, own + 1 < starts.count, word >= 0, word < starts[own + 1] - starts[own], starts[own] + word < offsets.count else { return nil }
        return offsets[starts[own] + word]
    }

    /// The own globals, as far as there are cells.
    func globals(_ cells: [UInt32]) -> [DumpReport.Global] {
        var globals: [DumpReport.Global] = []
        var cell = 0
        for (number, type) in globalTypes.enumerated() {
            let isPair = !type.valueType.isReference && type.valueType.cells == 2
            guard cell + (isPair ? 2 : 1) <= cells.count else { break }
            let value = Self.text(type.valueType, cells[cell], isPair ? cells[cell + 1] : 0)
            globals.append(DumpReport.Global(index: importedGlobals + number, type: Signature.text(type), value: value))
            cell += isPair ? 2 : 1
        }
        return globals
    }

    private static func text(_ type: ValueType, _ low: UInt32, _ high: UInt32) -> String {
        let pair = UInt64(low) | UInt64(high) << 32
        return switch type {
        case .i32: "\(Int32(bitPattern: low))"
        case .i64: "\(Int64(bitPattern: pair))"
        case .f32: "\(Float(bitPattern: low))"
        case .f64: "\(Double(bitPattern: pair))"
        default: low == 0 ? "null" : "0x" + String(low, radix: 16)
        }
    }
}
