// Where a run stands that trapped or is paused: its frames, and what they are in the module.
//
//     var frames = try runtime.backtrace(of: environment)
//     while let frame = frames.next(in: runtime) { … runtime.offset(of: frame) … }

import WasmFormat

/// The frames of a run, the innermost first. Takes nothing of the pool; each frame takes the same time, but for a search among its module's functions.
///
/// Good until something happens in the environment: what is found afterwards may be no frames of any run.
public struct Backtrace: Sendable {
    private let environment: ExecutionEnvironment
    private var frames: FrameWalk

    init(_ environment: ExecutionEnvironment, _ block: EnvironmentBlock) {
        self.environment = environment
        frames = FrameWalk(block)
    }

    /// The next frame outwards; nil behind the one that the run began with.
    public mutating func next<H: Host & ~Copyable>(in runtime: borrowing Runtime<H>) -> StackFrame? { next(runtime.engine) }

    mutating func next(_ engine: borrowing Engine) -> StackFrame? {
        guard let block = try? engine.block(of: environment), block.state.hasPosition else { return nil }
        return frames.next(engine, block)
    }
}

extension Runtime where HostType: ~Copyable {
    /// The frames of the run that trapped or is paused in an environment. None if there is no such run, or it is not inside a function.
    ///
    /// A run that trapped can be asked about until the next call, also when its instance was torn down, but not without its module. A run that a host
    /// function began ends at that host function.
    public func backtrace(of environment: ExecutionEnvironment) throws(HandleError) -> Backtrace {
        Backtrace(environment, try engine.block(of: environment))
    }

    /// The offset of a frame's instruction in its module, in bytes. The module is validated and the function translated again, in the largest free block of
    /// the pool; nil if it is too small, if the module is no more, or in a build without the Translator: `mote inspect --at FUNCTION:WORD` says it then.
    public mutating func offset(of frame: StackFrame) -> UInt32? {
        guard let code = try? engine.block(of: frame.module) else { return nil }
        return engine.locate(code, function: frame.function, word: frame.word, counting: configuration.countsInstructions)
    }

    /// Writes the frames of a run, a line each: `  at 0x5c in function 3 "div"`, or `  at word 17 of function 3` where the offset cannot be found; of more
    /// than 36 the first 24 and the last 12, and how many are between them. Nothing if there is no run that stands.
    public mutating func writeBacktrace<Sink: TextSink & ~Copyable>(of environment: ExecutionEnvironment, to sink: inout Sink) throws(HandleError) {
        try engine.writeBacktrace(of: environment, counting: configuration.countsInstructions, to: &sink)
    }
}

extension Engine {
    static var firstFrames: UInt32 { 24 }
    static var lastFrames: UInt32 { 12 }

    mutating func writeBacktrace<Sink: TextSink & ~Copyable>(of environment: ExecutionEnvironment, counting: Bool, to sink: inout Sink) throws(HandleError) {
        let block = try block(of: environment)
        var count: UInt32 = 0
        var frames = Backtrace(environment, block)
        while frames.next(self) != nil { count &+= 1 }
        frames = Backtrace(environment, block)
        let omitted = count > Engine.firstFrames &+ Engine.lastFrames ? count &- Engine.firstFrames &- Engine.lastFrames : 0
        // A recursion's frames are alike: one translation for all of them.
        var last: StackFrame?
        var offset: UInt32?
        var instance = Instance.none
        var number: UInt32 = 0
        while let frame = frames.next(self) {
            number &+= 1
            if number > Engine.firstFrames && number <= Engine.firstFrames &+ omitted {
                if number == Engine.firstFrames &+ 1 {
                    sink.write("  ... ")
                    sink.write(omitted)
                    sink.write(" more\n")
                }
                continue
            }
            if last?.module != frame.module || last?.function != frame.function || last?.word != frame.word {
                let code = try self.block(of: frame.module)
                offset = locate(code, function: frame.function, word: frame.word, counting: counting)
            }
            last = frame
            if number == 1 { instance = frame.instance }
            write(frame, at: offset, namesInstance: frame.instance != instance, to: &sink)
        }
    }

    private func write<Sink: TextSink & ~Copyable>(_ frame: StackFrame, at offset: UInt32?, namesInstance: Bool, to sink: inout Sink) {
        sink.write("  at ")
        if let offset {
            sink.write(hex: offset)
            sink.write(" in function ")
        } else {
            sink.write("word ")
            sink.write(frame.word)
            sink.write(" of function ")
        }
        sink.write(frame.function)
        writeName(of: frame, to: &sink)
        if namesInstance {
            sink.write(" of instance ")
            sink.write(frame.instance.number)
        }
        sink.write("\n")
    }
}
