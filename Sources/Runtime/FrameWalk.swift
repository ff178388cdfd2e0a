// From frame to frame of a run that stands, the innermost first: read from its call records, with nothing but them.

import RegisterCode
import WasmFormat

/// A function that has been called and has not returned.
public struct StackFrame: Equatable, Sendable {
    public let module: Module
    /// May be torn down since: so is one whose start function trapped.
    public let instance: Instance
    /// Index of the function in its module, imports first.
    public let function: UInt32
    /// The word of its register code where it stands: in the innermost frame what is executed next, or trapped; else the call.
    public let word: UInt32
}

/// A place among the frames of a run. The environment's block is looked up by whoever asks for the next one.
///
/// Ends where the run was begun, or where a module or instance is no more. Believes nothing that it reads: each step is a look at words that the
/// block has, and goes on towards its end.
struct FrameWalk {
    /// The next frame; no module behind the last one.
    private var module: Module?
    private var instance: Instance
    private var pc: UInt32
    /// Its call record, or its reference cells before that, in words from the block's start.
    private var record: UInt32
    private var isInnermost = true
    /// What the aux stack pointer of the last frame's instance was when another instance called it; nil if none did.
    private(set) var auxStackPointer: UInt32?

    /// No frames unless a run stands in the environment.
    init(_ environment: EnvironmentBlock) {
        let words = environment.words
        let isStanding = environment.state.hasPosition && words[EnvironmentBlock.Header.instance] != 0
        module = isStanding ? Module(bits: words[EnvironmentBlock.Header.module]) : nil
        instance = Instance(bits: words[EnvironmentBlock.Header.instance])
        pc = words[EnvironmentBlock.Header.pc]
        record = words[EnvironmentBlock.Header.csp]
    }

    mutating func next(_ engine: borrowing Engine, _ environment: EnvironmentBlock) -> StackFrame? {
        guard let module, let code = try? engine.block(of: module), let function = code.function(at: pc) else { return nil }
        let own = code.record(function)
        let frame = StackFrame(module: module, instance: instance, function: function &+ code.importedFunctions, word: (pc &- own.start) / 4)
        let hasReferences = own.referenceWords > 0 && !(isInnermost && isOutside(code, own))
        isInnermost = false
        self.module = caller(engine, environment.words, skipsReferences: hasReferences)
        return frame
    }

    /// Whether a function stands before the word that takes its reference cells, or behind the one that gives them back: at the return.
    private func isOutside(_ code: ModuleBlock, _ own: FunctionRecord) -> Bool {
        guard pc != own.start else { return true }
        guard pc / 4 < code.codeWords else { return false }
        switch Word(bits: code.words[code.code &+ pc / 4]).op {
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: return true
        default: return false
        }
    }

    /// Goes to the caller: its module.
    private mutating func caller(_ engine: borrowing Engine, _ words: Words, skipsReferences: Bool) -> Module? {
        auxStackPointer = nil
        let end = min(words[EnvironmentBlock.Header.top], words.count)
        guard record < end else { return nil }
        if skipsReferences {
            guard words[record] < end &- record else { return nil }
            record &+= words[record] &+ 1
        }
        guard end &- record >= 2 else { return nil }
        var (distance, start) = (words[record], words[record &+ 1])
        record &+= 2
        // No function begins at the code base: this returns to one of the two words there, 0 where the run was begun.
        if start == 0 {
            guard distance == 4, end &- record >= 5 else { return nil }
            instance = Instance(bits: words[record])
            auxStackPointer = words[record &+ 2]
            (distance, start) = (words[record &+ 3], words[record &+ 4])
            record &+= 5
            guard let block = engine.find(instance) else { return nil }
            module = engine.handle(ofModule: block)
        }
        pc = start &+ (distance & 0x3f_ffff) &- 4
        return module
    }
}

extension Engine {
    /// An instance's module as the embedder has it.
    func handle(ofModule block: InstanceBlock) -> Module {
        let region = moduleBlock(block.module).region
        return Module(bits: region | heap.regions.generation(region) &<< 8)
    }
}
