// A run's state on its way between machine and environment.

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
            words[Header.instance] = block.handle.bits
            words[Header.module] = handle(ofModule: block).bits
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
        environment.words[Header.auxStackPointer] = heap.regions.auxStackPointer(currentInstance(machine))?[0] ?? 0
    }

    /// Puts back the aux stack pointers of all instances that a run has frames of: each as it was when its outermost frame was called.
    func restoreAuxStack(_ environment: EnvironmentBlock) {
        var frames = FrameWalk(environment)
        var outermost: InstanceBlock?
        while let frame = frames.next(self, environment) {
            outermost = find(frame.instance)
            // Behind a frame that another instance called.
            if let outermost, let pointer = frames.auxStackPointer { heap.regions.auxStackPointer(outermost)?[0] = pointer }
        }
        if let outermost, let pointer = heap.regions.auxStackPointer(outermost) { pointer[0] = environment.words[Header.auxStackPointer] }
    }
}
