// `mote run --step`: commands, and what they show.

import Foundation
import RegisterCode
import Runtime
import Stepping
import WasmFormat

/// Reads commands from standard input and steps a run that is paused, until it ends.
struct StepSession {
    private let bytes: ModuleDescription
    private let map: CodeMap
    private let instance: Instance
    private var stepper: Stepper
    private let isInteractive = isatty(0) == 1

    /// What becomes of the run.
    enum End {
        case ended(Outcome)
        case quit
    }

    init(_ description: ModuleDescription, _ map: CodeMap, _ instance: Instance, _ stepper: Stepper) {
        bytes = description
        self.map = map
        self.instance = instance
        self.stepper = stepper
    }

    static let help = """
        s, Enter          one register instruction
        n                 the same, with all that it calls
        o                 to where this function returns to
        c                 to the next breakpoint, or the end
        b FUNCTION        a breakpoint at a function's start: its number or name; again: takes it back
        b FUNCTION:WORD   at a word of its register code
        b 0xOFFSET        at an offset in the module
        b                 the breakpoints
        p                 the frame's cells, and the globals
        m ADDRESS [N]     N bytes of the linear memory, 64 unless given
        bt                the backtrace
        h                 this
        q                 end here

        """

    /// Commands until the run ends. The end of the input is a `q`.
    mutating func go(_ runtime: inout Runtime<MoteHost>, _ host: inout MoteHost) throws -> End {
        try show(runtime)
        while let line = read() {
            let words = line.split(separator: " ").map(String.init)
            let before = try Cells(stepper, runtime)
            var end = StepEnd.paused
            switch words.first ?? "s" {
            case "s": end = try stepper.step(&runtime, host: &host)
            case "n": end = try stepper.next(&runtime, host: &host)
            case "o": end = try stepper.out(&runtime, host: &host)
            case "c": end = try stepper.run(&runtime, host: &host)
            case "q": return .quit
            default:
                try StandardOutput.write(try answer(words, &runtime))
                continue
            }
            if case .ended(let outcome) = end { return .ended(outcome) }
            try StandardOutput.write(before.changes(in: Cells(before, stepper, runtime)))
            try show(runtime)
        }
        return .quit
    }

    private func read() -> String? {
        if isInteractive { try? StandardOutput.write("> ") }
        return readLine()
    }

    private mutating func answer(_ words: [String], _ runtime: inout Runtime<MoteHost>) throws -> String {
        switch words[0] {
        case "b": return words.count > 1 ? toggle(words[1]) : breakpoints
        case "p": return try variables(runtime)
        case "m": return memory(words.dropFirst(), runtime)
        case "bt":
            var sink = StringSink()
            try runtime.writeBacktrace(of: stepper.environment, to: &sink)
            return sink.text
        case "h": return Self.help
        default: return "\(words[0]): is no command: h tells what there is\n"
        }
    }
}

extension StepSession {
    // MARK: showing

    /// The instruction that comes next: its place, the register instruction, the wasm that became it.
    private func show(_ runtime: borrowing Runtime<MoteHost>) throws {
        guard let place = try stepper.place(in: runtime), let code = map[place.function] else { return }
        var text = "function \(bytes.functionLabel(place.function)), word \(place.word): \(Disassembly.text(code.words[Int(place.word)], at: place.word))\n"
        for instruction in code.instructions(of: place.word) where !instruction.text.isEmpty {
            text += "    0x\(String(instruction.offset, radix: 16))  \(instruction.text)\n"
        }
        try StandardOutput.write(text)
    }

    /// Cells of a frame at a place of the operand stack.
    private struct Cells {
        /// Of cell 0, from the operand stack's start.
        let zero: Int
        let range: Range<Int>
        let values: [UInt32]

        /// Those of the innermost frame.
        init(_ stepper: Stepper, _ runtime: borrowing Runtime<MoteHost>) throws {
            zero = try runtime.cellZero(in: stepper.environment)
            range = try stepper.place(in: runtime).map { try stepper.cells(at: $0, in: runtime) } ?? 0..<0
            values = try runtime.cells(range, in: stepper.environment)
        }

        /// The same cells as before, whatever frame is innermost now.
        init(_ before: Cells, _ stepper: Stepper, _ runtime: borrowing Runtime<MoteHost>) throws {
            zero = try runtime.cellZero(in: stepper.environment)
            range = before.range.lowerBound + before.zero - zero..<before.range.upperBound + before.zero - zero
            values = try runtime.cells(range, in: stepper.environment)
        }

        /// A line for each cell that has another value there, numbered as in the frame that had them before.
        func changes(in after: Cells) -> String {
            zip(range, zip(values, after.values)).filter { $1.0 != $1.1 }.map { StepSession.cell($0, $1.1) }.joined()
        }
    }

    private static func cell(_ number: Int, _ value: UInt32) -> String { "    [\(number)] = \(Int32(bitPattern: value)) (0x\(String(value, radix: 16)))\n" }

    private func variables(_ runtime: borrowing Runtime<MoteHost>) throws -> String {
        let cells = try Cells(stepper, runtime)
        var text = zip(cells.range, cells.values).map { Self.cell($0, $1) }.joined()
        var global: UInt32 = 0
        while let value = runtime.global(global, of: instance) {
            text += "    global \(global) = \(ValueText.text(value, hex: false))\n"
            global += 1
        }
        return text
    }

    /// 16 bytes a line.
    private func memory(_ words: ArraySlice<String>, _ runtime: borrowing Runtime<MoteHost>) -> String {
        let numbers = words.map { number($0) }
        guard (1...2).contains(numbers.count), let first = numbers[0], let count = numbers.count > 1 ? numbers[1] : 64, count <= 65_536 else {
            return "m: takes an address and how many bytes, 65536 at most\n"
        }
        var text = ""
        for index in 0..<count {
            guard first <= .max - index, let byte = runtime.memoryByte(at: first + index, of: instance) else {
                text += (index % 16 > 0 ? "\n" : "") + "    the memory ends at 0x\(String(runtime.memorySize(of: instance), radix: 16))\n"
                return text
            }
            if index % 16 == 0 { text += "    0x\(String(first + index, radix: 16)) " }
            text += (byte < 16 ? " 0" : " ") + String(byte, radix: 16) + (index % 16 == 15 || index + 1 == count ? "\n" : "")
        }
        return text
    }

    // MARK: breakpoints

    private mutating func toggle(_ text: String) -> String {
        guard let place = place(text) else { return "b \(text): is no place: use a function's number or name, FUNCTION:WORD, or an offset as 0x1a\n" }
        if stepper.breakpoints.remove(place) == nil { stepper.breakpoints.insert(place) }
        return breakpoints
    }

    private var breakpoints: String {
        if stepper.breakpoints.isEmpty { return "    no breakpoint\n" }
        return stepper.breakpoints.sorted { ($0.function, $0.word) < ($1.function, $1.word) }
            .map { "    breakpoint at function \(bytes.functionLabel($0.function)), word \($0.word)\n" }.joined()
    }

    private func place(_ text: String) -> CodePlace? {
        if text.hasPrefix("0x") {
            guard let offset = number(text), let function = bytes.function(at: offset)?.index, let word = map[function]?.word(at: offset) else { return nil }
            return CodePlace(module: 0, function: function, word: word)
        }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let name = parts.first, let function = number(name) ?? bytes.functionNames.first(where: { $0.value == name })?.key, let code = map[function],
            let word = parts.count > 1 ? number(parts[1]) : 0, word < code.words.count, code.words[Int(word)].op != .callIndirectRest
        else { return nil }
        return CodePlace(module: 0, function: function, word: word)
    }

    private func number(_ text: String) -> UInt32? { text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text) }
}
