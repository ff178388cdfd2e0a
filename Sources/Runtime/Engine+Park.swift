// A run's state on its way between machine and environment, and the frames of one that stands.

import MemoryPool
import RegisterCode
import WasmFormat

extension Engine {
    typealias Header = EnvironmentBlock.Header

    /// Keeps where a run stands: as offsets, good at any address.
    func park(_ machine: borrowing Machine, in environment: EnvironmentBlock, _ state: EnvironmentState) {
        let words = environment.words
        words[Header.instance] = 0
        words[Header.module] = 0
        words[Header.fp] = environment.offset(of: machine.fp)
        words[Header.csp] = environment.offset(of: machine.csp)
        words[Header.pc] = 0
        if !machine.instanceReference.isNone {
            let block = currentInstance(machine)
            let region = moduleBlock(block.module).region
            words[Header.instance] = block.handle.bits
            words[Header.module] = region | heap.regions.generation(region) &<< 8
            words[Header.pc] = machine.pc.distance(from: machine.codeBase)
        }
        let progress = machine.progress
        words[Header.stage] = UInt32(progress.stage.rawValue) | (progress.areExpressions ? 0x100 : 0) | (machine.fuel < -1 ? 0x200 : 0)
        words[Header.position] = progress.position
        words[Header.segments] = progress.segments
        words[Header.entries] = progress.entries
        if state == .awaiting {
            words[Header.hostFunction] = machine.hostFunction
        }
        environment.state = state
    }

    /// Makes a machine stand where a paused run was left. Its instance is there: nobody can tear it down.
    func unpark(_ environment: EnvironmentBlock, into machine: inout Machine) {
        let words = environment.words
        let isAwaiting = environment.state == .awaiting
        if words[Header.instance] != 0 {
            guard let block = find(Instance(bits: words[Header.instance])) else { preconditionFailure() }
            enter(&machine, block)
            let code = moduleBlock(block.module)
            guard let function = code.function(at: words[Header.pc]) else { preconditionFailure() }
            machine.kp = machine.codeBase.moved(bytes: Int(code.record(function).start))
            // Behind the call.
            machine.pc = machine.codeBase.moved(bytes: Int(words[Header.pc] &+ (isAwaiting ? 4 : 0)))
        }
        machine.fp = environment.place(words[Header.fp])
        machine.csp = environment.place(words[Header.csp])
        // What comes first is a look at stop word and fuel.
        machine.fuel = -1
        if isAwaiting {
            machine.hostFunction = words[Header.hostFunction]
            return
        }
        let stage = words[Header.stage]
        machine.progress.stage = BulkProgress.Stage(rawValue: UInt8(truncatingIfNeeded: stage)) ?? .new
        machine.progress.areExpressions = stage & 0x100 != 0
        machine.progress.position = words[Header.position]
        machine.progress.segments = words[Header.segments]
        machine.progress.entries = words[Header.entries]
        // The poll that it paused at is still to come, or was made already.
        if stage & 0x200 != 0 { machine.fuel = -2 }
    }

    // MARK: aux stack

    /// The pointer of the aux stack as the run finds it.
    func noteAuxStack(_ machine: borrowing Machine, _ environment: EnvironmentBlock) {
        environment.words[Header.auxStackPointer] = auxStackPointer(currentInstance(machine))?[0] ?? 0
    }

    func restoreAuxStack(_ environment: EnvironmentBlock) {
        var frames = FrameWalk(environment)
        var outermost: InstanceBlock?
        while let frame = frames.next(self) { outermost = find(frame.instance) }
        if let outermost, let pointer = auxStackPointer(outermost) { pointer[0] = environment.words[Header.auxStackPointer] }
    }

    /// The cell of the global that is the pointer of an instance's aux stack.
    private func auxStackPointer(_ block: InstanceBlock) -> Words? {
        let code = moduleBlock(block.module)
        guard auxStack(block, code) != nil, let pointer = code.auxStackPointer, let place = try? globalPlace(block, pointer.rawValue) else { return nil }
        return heap.words(at: place.reference, count: 1)
    }
}

/// The frames of a run that stands, the innermost first: an instance, and an instruction in bytes from its code base. A caller's is its call.
///
/// Ends where the run was begun, or where an instance is no more.
struct FrameWalk {
    private var csp: Cells
    private let top: Cells
    private var instance: Instance
    private var pc: UInt32
    private var depth: UInt32 = 0

    /// No frames unless a run stands in the environment.
    init(_ environment: EnvironmentBlock) {
        let words = environment.words
        instance = environment.state.hasPosition ? Instance(bits: words[EnvironmentBlock.Header.instance]) : .none
        pc = words[EnvironmentBlock.Header.pc]
        guard instance != .none else {
            csp = environment.top
            top = environment.top
            return
        }
        csp = environment.place(words[EnvironmentBlock.Header.csp])
        top = environment.place(words[EnvironmentBlock.Header.top])
    }

    /// Whether the run has paused before the first instruction of a function that was called with no fuel.
    private func isAtEntry(_ code: ModuleBlock) -> Bool {
        Word(bits: code.words[code.code &+ pc / 4]).op == .enterReferences
    }

    mutating func next(_ engine: borrowing Engine) -> (instance: Instance, pc: UInt32)? {
        defer { depth &+= 1 }
        if depth == 0 {
            return instance == .none ? nil : (instance, pc)
        }
        guard instance != .none, let block = engine.find(instance) else { return nil }
        let code = engine.moduleBlock(block.module)
        guard let function = code.function(at: pc) else { return nil }
        // Its reference cells lie before its record, once it has entered.
        if code.record(function).referenceWords > 0 && !(depth == 1 && isAtEntry(code)) { csp = csp.advanced(by: Int(csp[0]) &+ 1) }
        var record = (csp[0], csp[1])
        csp = csp.advanced(by: 2)
        if record.1 == 0 {
            // No function begins at the code base: this returns to one of the two words there.
            guard record.0 == 4, csp.address < top.address else { return nil }
            instance = Instance(bits: csp[0])
            record = (csp[2], csp[3])
            csp = csp.advanced(by: 4)
        }
        pc = record.1 &+ (record.0 & 0x3f_ffff) &- 4
        return (instance, pc)
    }
}
