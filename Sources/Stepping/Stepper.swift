// Steps a run by one register instruction, without a loop of its own: what executes is the interpreter that runs everywhere.
//
// A step puts `unreachable` in the place of every word of register code but the one that comes next, and resumes the run. That word is executed; whatever
// follows it, in whichever function or instance, traps before it does anything. That trap is taken back, and so is the code. What an instruction that
// leads to itself would repeat is ended by fuel: a branch, a call and a part of a bulk instruction take 1, and a step is given 1.

import RegisterCode
import Runtime
import WasmFormat

/// Where an instruction lies.
package struct CodePlace: Hashable {
    package let module: UInt32
    /// Imports first.
    package let function: UInt32
    package let word: UInt32

    package init(module: UInt32, function: UInt32, word: UInt32) {
        self.module = module
        self.function = function
        self.word = word
    }
}

/// What stands behind a step.
package enum StepEnd: Equatable {
    /// Before another instruction, or once more before this one.
    case paused
    /// The run is over, or waits for the host.
    case ended(Outcome)
}

/// Steps the runs of one environment. The code of its modules is as always whenever no step is going on. Guests that a host function calls are part of the step
/// that calls it, and must be of other modules.
package struct Stepper {
    package let environment: ExecutionEnvironment
    private let code: [SteppedCode]
    package var breakpoints: Set<CodePlace> = []

    /// `modules`: all whose functions the runs can come to.
    package init<H: Host & ~Copyable>(_ modules: [Module], _ environment: ExecutionEnvironment, in runtime: borrowing Runtime<H>) throws(HandleError) {
        self.environment = environment
        var code: [SteppedCode] = []
        for module in modules { code.append(try SteppedCode(module, in: runtime)) }
        self.code = code
    }

    // MARK: looking

    package func frames<H: Host & ~Copyable>(in runtime: borrowing Runtime<H>) throws(HandleError) -> [StackFrame] {
        var trace = try runtime.backtrace(of: environment)
        var frames: [StackFrame] = []
        while let frame = trace.next(in: runtime) { frames.append(frame) }
        return frames
    }

    /// The next instruction; nil where no function is running.
    package func place<H: Host & ~Copyable>(in runtime: borrowing Runtime<H>) throws(HandleError) -> CodePlace? {
        var trace = try runtime.backtrace(of: environment)
        return trace.next(in: runtime).map(place)
    }

    package func word(at place: CodePlace) -> Word { code[Int(place.module)].word(place.function, place.word) }

    /// Cells that a function's frame has at a place, counted from its cell 0: a wide frame's begins below that, once it has been entered.
    package func cells<H: Host & ~Copyable>(at place: CodePlace, in runtime: borrowing Runtime<H>) throws(HandleError) -> Range<Int> {
        let module = code[Int(place.module)]
        let size = try runtime.functionSize(module.module, place.function - module.importedFunctions)
        var below = 0
        for word in 0..<min(place.word, 4) where module.word(place.function, word).op == .enterFrame { below = Int(module.word(place.function, word).imm16) }
        return -below..<Int(size.stackWords - size.references) - below
    }

    private func place(_ frame: StackFrame) -> CodePlace {
        guard let module = code.firstIndex(where: { $0.module == frame.module }) else { preconditionFailure("a module that the stepper was not told of") }
        return CodePlace(module: UInt32(module), function: frame.function, word: frame.word)
    }

    // MARK: going

    /// Executes one register instruction of a run that is paused, to its end.
    package func step<H: Host & ~Copyable>(_ runtime: inout Runtime<H>, host: inout H) throws(HandleError) -> StepEnd {
        guard let here = try place(in: runtime) else { return .ended(try runtime.resume(environment, host: &host)) }
        for (number, module) in code.enumerated() {
            var words = module.stopping
            if number == here.module { words[module.place(here.function, here.word)] = word(at: here).bits }
            try runtime.setRegisterCode(of: module.module, to: words)
        }
        var outcome: Outcome
        repeat { outcome = try runtime.resume(environment, fuel: 1, host: &host) } while outcome == .outOfFuel && word(at: here).isDoneInParts
        try restore(&runtime)
        switch outcome {
        case .outOfFuel: return .paused
        case .trapped where try place(in: runtime) != here:
            try runtime.unmakeTrap(in: environment)
            return .paused
        default: return .ended(outcome)
        }
    }

    /// Executes instructions until the next breakpoint, or one of `others`.
    package func run<H: Host & ~Copyable>(to others: Set<CodePlace> = [], _ runtime: inout Runtime<H>, host: inout H) throws(HandleError) -> StepEnd {
        // From a breakpoint, too.
        let first = try step(&runtime, host: &host)
        let stops = breakpoints.union(others)
        guard first == .paused, let here = try place(in: runtime), !stops.contains(here) else { return first }
        for (number, module) in code.enumerated() {
            var words = module.words
            for stop in stops where stop.module == number { words[module.place(stop.function, stop.word)] = Word(.unreachable).bits }
            try runtime.setRegisterCode(of: module.module, to: words)
        }
        let outcome = try runtime.resume(environment, host: &host)
        try restore(&runtime)
        guard case .trapped = outcome, let end = try place(in: runtime), stops.contains(end) else { return .ended(outcome) }
        try runtime.unmakeTrap(in: environment)
        return .paused
    }

    /// One instruction; if it calls, with all that is called. Ends at a breakpoint, too.
    package func next<H: Host & ~Copyable>(_ runtime: inout Runtime<H>, host: inout H) throws(HandleError) -> StepEnd {
        let depth = try frames(in: runtime).count
        let end = try step(&runtime, host: &host)
        if end == .paused, let here = try place(in: runtime), breakpoints.contains(here) { return end }
        return end == .paused ? try leave(to: depth, &runtime, host: &host) : end
    }

    /// To where the innermost function returns to. Ends at a breakpoint, too.
    package func out<H: Host & ~Copyable>(_ runtime: inout Runtime<H>, host: inout H) throws(HandleError) -> StepEnd {
        try leave(to: try frames(in: runtime).count - 1, &runtime, host: &host)
    }

    /// Until there are at most `depth` frames.
    private func leave<H: Host & ~Copyable>(to depth: Int, _ runtime: inout Runtime<H>, host: inout H) throws(HandleError) -> StepEnd {
        while true {
            let frames = try frames(in: runtime)
            if frames.count <= depth { return .paused }
            // Behind the call of the outermost of those that are to end.
            let inner = frames.count - depth
            guard inner < frames.count else { return try run(&runtime, host: &host) }
            let call = place(frames[inner])
            let back = CodePlace(module: call.module, function: call.function, word: call.word + 1)
            let end = try run(to: [back], &runtime, host: &host)
            guard end == .paused, let here = try place(in: runtime), here == back, !breakpoints.contains(here) else { return end }
        }
    }

    private func restore<H: Host & ~Copyable>(_ runtime: inout Runtime<H>) throws(HandleError) {
        for module in code { try runtime.setRegisterCode(of: module.module, to: module.words) }
    }
}

extension Word {
    /// Whether the instruction pauses in its middle. Calls and branches, which take fuel as well, do so only before anything is done.
    fileprivate var isDoneInParts: Bool {
        switch op {
        case .extended: extendedOp != .callIndirectWide
        case .tableGrow, .tableFill, .tableCopy, .tableInit: true
        default: false
        }
    }
}
