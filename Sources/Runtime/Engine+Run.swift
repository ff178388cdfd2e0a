// Runs the loop and does what it leaves: polls, calls between instances, memory, tables. Only host calls go further out.

import Image
import MemoryPool
import RegisterCode
import WasmFormat

/// Fuel of a run, in polls.
struct FuelTank {
    static var slice: Int32 { 16 }
    /// What is left beyond the slice in the machine; `.max` never ends.
    var left: UInt64

    init(_ fuel: UInt64?) { left = fuel ?? .max }

    /// What is left in all.
    func total(_ machine: borrowing Machine) -> UInt64 { left == .max ? .max : left &+ UInt64(max(0, machine.fuel)) }

    /// Takes back what the machine has not used of its slice.
    mutating func empty(_ machine: inout Machine, _ engine: inout Engine) {
        // It was not used of the time to the watchdog's next feeding either.
        engine.watchdogLeft = min(engine.watchdogInterval, engine.watchdogLeft &+ UInt32(max(0, machine.fuel)))
        guard left != .max else {
            machine.fuel = 0
            return
        }
        left = total(machine)
        machine.fuel = 0
    }
}

extension Engine {
    // MARK: polling

    /// Puts the next slice into the machine, after a look at the stop word and the watchdog; nil if the run goes on. At most 16 polls come between two looks.
    @inline(never)
    mutating func refill(_ machine: inout Machine, _ tank: inout FuelTank) -> Exit? {
        // Safety: the embedder promised that the word stays.
        if unsafe stopWord?.pointee ?? 0 != 0 { return .stopped }
        if watchdogInterval != 0 && watchdogLeft == 0 { return .watchdog }
        // At -1 the poll is still to come, when the instruction is executed again. What is below was used already, by a long operation.
        let owed = machine.fuel < -1 ? UInt64(-1 &- Int64(machine.fuel)) : 0
        guard owed > 0 ? owed <= tank.left : tank.left > 0 else { return .outOfFuel }
        var part = min(tank.left &- owed, UInt64(FuelTank.slice))
        if watchdogInterval != 0 {
            part = min(part, UInt64(watchdogLeft))
            watchdogLeft &-= UInt32(truncatingIfNeeded: min(part &+ owed, UInt64(watchdogLeft)))
        }
        if tank.left != .max { tank.left &-= owed &+ part }
        machine.fuel = Int32(truncatingIfNeeded: part)
        return nil
    }

    // MARK: entering

    func currentInstance(_ machine: borrowing Machine) -> InstanceBlock {
        InstanceBlock(words: machine.instance, reference: machine.instanceReference)
    }

    /// The memory of the running instance; nil if it has none, or if a host function is called without a guest.
    func currentMemory(_ machine: borrowing Machine) -> MemoryWords? {
        guard !machine.instanceReference.isNone else { return nil }
        let block = currentInstance(machine)
        return block.memory == 0 ? nil : memory(block)
    }

    /// The machine works on another instance now.
    func enter(_ machine: inout Machine, _ block: InstanceBlock) {
        let code = moduleBlock(block.module)
        machine.instance = block.words
        machine.instanceReference = block.reference
        machine.tag = block.handle.tag
        machine.importCount = code.importedFunctions
        machine.functionCount = code.functionCount
        // Safety: places inside the two blocks, which stay where they are while the instance lives.
        unsafe machine.codeBase = CodePointer(code.words.start + Int(code.code))
        unsafe machine.functions = UnsafeRawPointer(code.words.start + Int(code.functionsStart)).assumingMemoryBound(to: FunctionRecord.self)
        unsafe machine.imports = UnsafePointer(block.words.start + Int(InstanceBlock.Header.count))
        unsafe machine.types = UnsafePointer(code.words.start + Int(ModuleBlock.Header.count))
        unsafe machine.globals = Cells(block.words.start + Int(block.globals))
        enterTable(&machine)
        enterMemory(&machine)
        enterAuxStack(&machine, block, code)
    }

    /// Looks again where memory and table of the running instance are, after another run.
    func refresh(_ machine: inout Machine) {
        guard !machine.instanceReference.isNone else { return }
        let block = currentInstance(machine)
        enterTable(&machine)
        enterMemory(&machine)
        enterAuxStack(&machine, block, moduleBlock(block.module))
    }

    func enterTable(_ machine: inout Machine) {
        let block = currentInstance(machine)
        machine.tableSize = 0
        guard moduleBlock(block.module).tables > 0 else { return }
        let table = table(block, 0)
        machine.tableSize = table.size
        if table.size > 0 { unsafe machine.elements = elements(of: table).start }
    }

    func enterMemory(_ machine: inout Machine) {
        machine.windowLength = 0
        machine.limit = 0
        machine.low = 0
        guard let memory = currentMemory(machine), !memory.window.isNone else { return }
        unsafe machine.base = heap.regions.address(memory.window)
        machine.low = memory.low
        let length = memory.length
        machine.windowLength = length
        // 255 of offset and 8 bytes must fit behind any distance below the limit.
        machine.limit = length >= 263 ? length &- 262 : 0
    }

    /// A machine for a run at a place of an operand stack, in no instance yet, without fuel.
    func makeMachine(_ place: CallPlace) -> Machine {
        let words = place.environment.words
        // Safety: placeholders until `enter`; nothing is read through them.
        let code = unsafe CodePointer(UnsafePointer(words.start))
        return unsafe Machine(
            pc: code, fp: place.base, kp: code, csp: place.top, base: unsafe UnsafeMutableRawPointer(words.start), low: 0, limit: 0, fuel: 0,
            codeBase: code, functions: UnsafeRawPointer(words.start).assumingMemoryBound(to: FunctionRecord.self), imports: UnsafePointer(words.start), functionCount: 0,
            importCount: 0, types: UnsafePointer(words.start), globals: place.base, tag: 0, elements: words.start, tableSize: 0,
            windowLength: 0, auxStackLowest: 0, auxStackSpan: .max, auxStack: AuxStackWords(words: words), instance: words, instanceReference: .none, regions: heap.regions, trap: .unreachable, hostCall: nil, hostFunction: 0,
            instructionCount: 0)
    }

    // MARK: calls

    /// Enters an own function of the machine's instance, whose frame begins at `frame`; the return address is on the second stack already.
    private func start(_ machine: inout Machine, _ function: UInt32, frame: Cells) {
        let record = moduleBlock(currentInstance(machine).module).record(function)
        machine.kp = machine.codeBase.moved(bytes: Int(record.start))
        machine.pc = machine.kp
        machine.fp = frame
    }

    private func fits(_ machine: borrowing Machine, _ code: ModuleBlock, _ function: UInt32, frame: Cells, recordWords: UInt) -> Bool {
        frame.address &+ (UInt(code.record(function).stackWords) &+ recordWords) &* 4 <= machine.csp.address
    }

    /// Begins a run: the base record, whose return address is the word `exit`. The arguments are in place.
    func begin(_ machine: inout Machine, _ target: Reference) -> Trap? {
        guard let block = find(target) else { return .uninitializedElement }
        let code = moduleBlock(block.module)
        let function = target.function &- code.importedFunctions
        enter(&machine, block)
        guard fits(machine, code, function, frame: machine.fp, recordWords: 2) else { return .callStackExhausted }
        machine.csp = machine.csp.advanced(by: -2)
        machine.csp[0] = 0
        machine.csp[1] = 0
        start(&machine, function, frame: machine.fp)
        return nil
    }

    /// A call that the loop could not make: imported, or through a table. `words` is how many words the instruction has.
    private func call(_ machine: inout Machine, _ target: Reference, window: Int, words: Int) -> Exit {
        machine.fuel &-= 1
        if machine.fuel < 0 { return .poll }
        let frame = machine.fp.advanced(by: window)
        if target.isHostFunction {
            machine.hostFunction = target.function
            // Safety: it is there in every run.
            unsafe machine.hostCall.unsafelyUnwrapped.pointee.window = frame
            machine.pc = machine.pc.advanced(by: words)
            return .hostCall
        }
        guard let block = find(target) else { return trap(&machine, .uninitializedElement) }
        let code = moduleBlock(block.module)
        let function = target.function &- code.importedFunctions
        let isSame = block.reference == machine.instanceReference
        var type: (arguments: UInt8, results: UInt8) = (0, 0)
        if !isSame {
            guard let found = try? FunctionType(bytes(of: code), at: code.typeOffset(ofFunction: target.function)) else { return trap(&machine, .unreachable) }
            type = (found.parameterReferences, found.resultReferences)
        }
        // References lie below the record, also those of a function that makes no use of them.
        guard fits(machine, code, function, frame: frame, recordWords: isSame ? 2 : 7 &+ UInt(max(type.arguments, type.results))) else { return trap(&machine, .callStackExhausted) }
        let back = machine.pc.advanced(by: words)
        let w0 = back.distance(from: machine.kp) | UInt32(window) &<< 24
        let w1 = machine.kp.distance(from: machine.codeBase)
        let csp = machine.csp
        if !isSame {
            // References were put below one record; here there is more.
            var i = Int(type.arguments)
            while i > 0 {
                i &-= 1
                csp[-8 &- i] = csp[-3 &- i]
            }
            // What `cancel` puts back.
            csp[-3] = heap.regions.auxStackPointer(block)?[0] ?? 0
            csp[-4] = UInt32(type.results)
            csp[-5] = machine.instance[InstanceBlock.Header.identity]
            // The innermost returns to `crossReturn`, the second word of the callee's code.
            csp[-7] = 4
            csp[-6] = 0
        }
        csp[-2] = w0
        csp[-1] = w1
        machine.csp = csp.advanced(by: isSame ? -2 : -7)
        if !isSame { enter(&machine, block) }
        start(&machine, function, frame: frame)
        return .finished
    }

    /// Back to the caller in another instance.
    private func crossReturn(_ machine: inout Machine) {
        let csp = machine.csp
        let handle = Instance(bits: csp[0])
        let references = Int(csp[1])
        let w0 = csp[3]
        let w1 = csp[4]
        // From below the innermost record, which has been popped, to where the caller looks: below its own.
        var i = 0
        while i < references {
            csp[2 &- i] = csp[-3 &- i]
            i &+= 1
        }
        guard let caller = find(handle) else { preconditionFailure() }
        enter(&machine, caller)
        machine.csp = csp.advanced(by: 5)
        machine.kp = machine.codeBase.moved(bytes: Int(w1))
        machine.pc = machine.kp.moved(bytes: Int(w0 & 0x3f_ffff))
        machine.fp = machine.fp.moved(bytes: 0 &- Int(w0 &>> 22))
    }

    private func trap(_ machine: inout Machine, _ trap: Trap) -> Exit {
        machine.trap = trap
        return .trapped
    }

    /// `call_indirect` to anything but a function of this instance through table 0.
    private func callIndirect(_ machine: inout Machine, _ host: (Int) -> HostFunction) -> Exit {
        let w = machine.pc.word
        let block = currentInstance(machine)
        let code = moduleBlock(block.module)
        var (window, cell, number, type, words) = (w.a, w.b, UInt32(0), UInt32(w.c), 1)
        if w.op == .extended {
            let rest = machine.pc.advanced(by: 1).word
            (window, cell, number, type, words) = (w.b, w.c, UInt32(rest.a), rest.imm16, 2)
        }
        let table = table(block, number)
        let index = machine.fp[cell]
        guard index < table.size else { return trap(&machine, .undefinedElement) }
        let target = Reference(bits: elements(of: table)[index])
        if target.isNull { return trap(&machine, .uninitializedElement) }
        let bytes = bytes(of: code)
        guard let wanted = try? FunctionType(bytes, at: code.typeOffset(type)) else { return trap(&machine, .unreachable) }
        if target.isHostFunction {
            guard host(Int(target.function)).signature.matches(wanted) else { return trap(&machine, .indirectCallTypeMismatch) }
        } else {
            guard let owner = find(target) else { return trap(&machine, .uninitializedElement) }
            let other = moduleBlock(owner.module)
            guard let offered = try? FunctionType(self.bytes(of: other), at: other.typeOffset(ofFunction: target.function)), wanted.isEqual(to: offered) else {
                return trap(&machine, .indirectCallTypeMismatch)
            }
        }
        // The loop has counted the short form's call; here it is counted again. The long form's it has not.
        if words == 1 { machine.fuel &+= 1 }
        return call(&machine, target, window: window, words: words)
    }

    // MARK: the run

    /// Runs until the end, a trap, a host call or a pause. By their places, as `loop`.
    @unsafe static func run(
        _ engine: UnsafeMutablePointer<Engine>, _ machine: UnsafeMutablePointer<Machine>, _ tank: UnsafeMutablePointer<FuelTank>, _ host: (Int) -> HostFunction
    ) -> Exit {
        let isUnmetered = unsafe tank.pointee.left == .max && engine.pointee.watchdogInterval == 0
        let status = FloatStatus()
        defer { status.restore() }
        while true {
            // The loop knows no fuel below zero: it would take it for four billion polls.
            if unsafe machine.pointee.fuel < 0 {
                // Safety: the embedder promised that the word stays.
                if unsafe isUnmetered && machine.pointee.fuel == -1 && engine.pointee.stopWord?.pointee ?? 0 == 0 {
                    unsafe machine.pointee.fuel = FuelTank.slice
                } else if let end = unsafe engine.pointee.refill(&machine.pointee, &tank.pointee) {
                    return end
                }
            }
            let left = unsafe execute(machine)
            // The most common by far in a run that is metered.
            if left == .poll { continue }
            if let exit = unsafe engine.pointee.settle(left, &machine.pointee, host) { return exit }
        }
    }

    /// Does what the loop was left for; nil if it goes on.
    private mutating func settle(_ exit: Exit, _ machine: inout Machine, _ host: (Int) -> HostFunction) -> Exit? {
        var exit = exit
        switch exit {
        case .callImport:
            let target = currentInstance(machine).importedFunction(machine.pc.word.imm16)
            exit = call(&machine, target, window: machine.pc.word.a, words: 1)
            if exit == .finished { return nil }
        case .callIndirect:
            exit = callIndirect(&machine, host)
            if exit == .finished { return nil }
        case .crossReturn:
            crossReturn(&machine)
            return nil
        case .memory:
            guard let trap = access(&machine) else { return nil }
            machine.trap = trap
            exit = .trapped
        case .operation:
            switch operation(&machine) {
            case .done:
                machine.pc = machine.pc.advanced(by: 1)
                return nil
            case .poll: exit = .poll
            case .trap(let trap):
                machine.trap = trap
                exit = .trapped
            }
        default: break
        }
        return exit == .poll ? nil : exit
    }
}
