// One line for a module that cannot be loaded: the thing, the place, and what to do about it.
//
//     app.wasm: unlinkable at 0x2a (import section): import env.led, a function: (i32) -> (): an import is missing: give …
//     └ file    └ phase    └ where                   └ the thing                              └ what, and what to do

import Runtime
import WasmFormat

/// Makes the line from the module's bytes and the error.
struct ErrorReport {
    /// The path as the user gave it.
    let file: String
    let module: ModuleDescription

    init(file: String, bytes: Span<UInt8>) {
        self.file = file
        self.module = ModuleDescription(bytes)
    }

    /// The line, without a line feed. `shortage` and `pool` are the Runtime's, for `.noMemory`; `importText` is what it says about an import.
    func line(_ error: LoadError, shortage: Shortage, pool: PoolReport, importText: String = "") -> String {
        var parts = ["\(file): \(error.phase.name)\(place(of: error))"]
        if !importText.isEmpty { parts.append(importText) }
        if let thing = thing(of: error) { parts.append(thing) }
        parts.append("\(error.words)")
        if error.reason == .noMemory { parts.append(memory(shortage, pool)) }
        return parts.joined(separator: ": ") + (option(for: error) ?? "")
    }

    /// What else can be changed: the option of the setting that the words name.
    private func option(for error: LoadError) -> String? {
        switch (error.reason, error.thing) {
        case (.noMemory, .operandStack): ", or a smaller --operand-stack"
        case (.noMemory, .appHeap): ", or a smaller --app-heap"
        case (.appHeapNeedsCap, _): ": use --memory-cap"
        case (.appHeapSize, _): ": use another --app-heap, or a lower --memory-cap"
        case (.memoryAboveCap, _): ": use a larger --memory-cap"
        default: nil
        }
    }

    /// ` at 0x2a (code section, function 3 "fib")`; nothing where the file as a whole is the thing.
    private func place(of error: LoadError) -> String {
        switch error.reason {
        case .emptyFile, .textFile, .notWasm, .unknownVersion, .componentBinary, .moduleTooLarge, .imageMisaligned, .imageOfOtherCode: return ""
        case .imageTooNew, .imageTooOld: return " (version \(error.detail))"
        case .noMemory where error.offset == 0: return ""
        default: break
        }
        var inside: [String] = []
        if let section = module.section(at: error.offset) {
            inside.append(section.id == 0 || module.image != nil ? section.name : "\(section.name) section")
        }
        if let function = module.function(at: error.offset) {
            inside.append("function \(module.functionLabel(function.index))")
        }
        let hex = " at 0x" + String(error.offset, radix: 16)
        return inside.isEmpty ? hex : hex + " (\(inside.joined(separator: ", ")))"
    }

    /// What is concerned: two types, an index, a table, a memory.
    private func thing(of error: LoadError) -> String? {
        switch error.reason {
        case .noMemory:
            if let table = error.table { return module.type(of: "table", table).map { "table \(table), \($0)" } }
            return error.thing == .linearMemory ? module.type(of: "memory", 0).map { "memory 0, \($0)" } : nil
        case .typeMismatch:
            let names = [error.detail >> 8, error.detail & 0xff].map { byte in
                ValueType(rawValue: UInt8(byte))?.name ?? "nothing"
            }
            return error.detail == 0 ? nil : "expected \(names[0]), found \(names[1])"
        case .unknownType, .unknownFunction, .unknownTable, .unknownMemory, .unknownGlobal, .unknownLocal, .unknownLabel,
            .unknownElementSegment, .unknownDataSegment:
            return "index \(error.detail)"
        case .appHeapNeedsCap: return "function \(module.functionLabel(UInt32(error.detail))) grows the memory"
        case .memoryAboveCap: return module.type(of: "memory", 0).map { "memory 0, \($0)" }
        case .featureMissing: return "a feature is not in this build"
        default: return nil
        }
    }

    /// What is needed, what is free, and the option to change.
    func memory(_ shortage: Shortage, _ pool: PoolReport) -> String {
        // What else will be asked for is not known here: the next power of two that holds it.
        let needed = UInt64(pool.size - shortage.free) + shortage.need
        var enough: UInt64 = 1 << 20
        while enough < needed { enough *= 2 }
        let option = enough <= ByteCount.largestPool ? "use --pool \(enough >> 20)M" : "no pool can be that large"
        return "needs at least \(shortage.need) bytes, \(shortage.free) are free, the largest free block is \(shortage.largestFree): \(option)"
    }
}

extension LoadError.Phase {
    var name: String {
        switch self {
        case .malformed: "malformed"
        case .invalid: "invalid"
        case .unlinkable: "unlinkable"
        case .exhausted: "exhausted"
        }
    }
}
