// What a stepper on the host needs of a run that stands: its cells, its globals, and other register code in the place of a module's own.
#if !hasFeature(Embedded)

import RegisterCode
import WasmFormat

extension Runtime where HostType: ~Copyable {
    // MARK: register code

    /// Copies of a module's register code, from its code base on, and where each own function's instructions start there.
    package func registerCode(of module: Module) throws(HandleError) -> (words: [UInt32], starts: [UInt32]) {
        let block = try engine.block(of: module)
        return ((0..<block.codeWords).map { block.words[block.code &+ $0] }, (0..<block.functionCount).map { block.record($0).start / 4 })
    }

    /// Puts words in the place of a module's register code, as many as it has: its own, or its own with `unreachable` in places. No run may be going on.
    package mutating func setRegisterCode(of module: Module, to words: [UInt32]) throws(HandleError) {
        let block = try engine.block(of: module)
        precondition(UInt32(words.count) == block.codeWords && block.words.count &- block.code >= block.codeWords)
        // Safety: so many words are there, as was just checked.
        unsafe words.withUnsafeBufferPointer { unsafe (block.words.start + Int(block.code)).update(from: $0.baseAddress.unsafelyUnwrapped, count: words.count) }
    }

    /// Makes a run that trapped at an `unreachable` which is not the module's own one that was stopped there: the instruction is still to come.
    package mutating func unmakeTrap(in environment: ExecutionEnvironment) throws(HandleError) {
        let block = try engine.block(of: environment)
        precondition(block.state == .trapped)
        block.state = .stopped
    }

    // MARK: state

    /// Whether a run is paused in an environment.
    package func isPaused(_ environment: ExecutionEnvironment) -> Bool { (try? engine.block(of: environment))?.state.isPaused ?? false }

    /// Cells of the innermost frame of a run that stands, `range` counted from its cell 0; fewer where the operand stack ends.
    package func cells(_ range: Range<Int>, in environment: ExecutionEnvironment) throws(HandleError) -> [UInt32] {
        let block = try engine.block(of: environment)
        guard block.state.hasPosition else { return [] }
        let first = Int(block.words[EnvironmentBlock.Header.fp])
        return range.compactMap { cell in
            let place = first + cell
            return place >= Int(EnvironmentBlock.Header.count) && place < Int(block.words.count) ? block.words[UInt32(place)] : nil
        }
    }

    /// How far cell 0 of the innermost frame is from the operand stack's start.
    package func cellZero(in environment: ExecutionEnvironment) throws(HandleError) -> Int {
        Int(try engine.block(of: environment).words[EnvironmentBlock.Header.fp] &- EnvironmentBlock.Header.count)
    }

    /// The value of a global of an instance, imports first; nil if there is no such one.
    package func global(_ index: UInt32, of instance: Instance) -> Value? {
        guard let block = engine.find(instance), let place = try? engine.globalPlace(block, index) else { return nil }
        let type = place.type.valueType
        let words = engine.heap.regions.words(at: place.reference, count: type.cells == 2 ? 2 : 1)
        return Value(type, words[0], type.cells == 2 ? words[1] : 0)
    }

    /// A byte of an instance's memory, which takes no room by being looked at; nil beyond its end.
    package func memoryByte(at address: UInt32, of instance: Instance) -> UInt8? {
        guard let memory = engine.memory(of: instance), UInt64(address) < memory.size else { return nil }
        return engine.read(memory, address)
    }
}
#endif
