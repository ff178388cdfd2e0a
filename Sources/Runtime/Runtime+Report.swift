// What runs have taken of the pool: the numbers of a firmware's report.

import WasmFormat

/// A guest's own stack in linear memory, as its linker left it. Addresses are the guest's, sizes bytes.
public struct AuxStackReport: Equatable, Sendable {
    /// Its lowest address: 0 if the stack comes first, else where the data end.
    public var base: UInt32
    public var size: UInt32
    /// The most that was ever in use.
    public var peak: UInt32
}

extension Runtime where HostType: ~Copyable {
    /// The aux stack of an instance; nil if its module has none that can be found.
    public func auxStack(of instance: Instance) throws(HandleError) -> AuxStackReport? {
        let block = try engine.block(of: instance)
        guard let stack = engine.auxStack(block, engine.moduleBlock(block.module)) else { return nil }
        return AuxStackReport(base: stack.bottom, size: stack.start &- stack.bottom, peak: stack.start &- stack.lowest)
    }

    /// Bytes of linear memory that the pool holds for an instance now, and the most that it ever held; an imported memory counts for its owner.
    public func committedMemory(of instance: Instance) throws(HandleError) -> (now: UInt32, peak: UInt32) {
        let block = try engine.block(of: instance)
        guard block.memory != 0, !engine.ownMemory(block).isImported else { return (0, 0) }
        let memory = engine.ownMemory(block)
        return (memory.length, memory.peak)
    }

    /// Bytes of an environment's operand stack, and how many of them were ever written: cells that still hold zero at the inner ends of the two
    /// stacks that grow towards each other are not seen. Takes time in proportion to the stack.
    public func operandStack(of environment: ExecutionEnvironment) throws(HandleError) -> (size: UInt32, peak: UInt32) {
        let block = try engine.block(of: environment)
        // The longest run of zeros is the gap between frames and call records.
        var gap: UInt32 = 0
        var run: UInt32 = 0
        for cell in 0..<block.cells {
            run = block.words[EnvironmentBlock.Header.count &+ cell] == 0 ? run &+ 1 : 0
            if run > gap { gap = run }
        }
        return (block.cells &* 4, (block.cells &- gap) &* 4)
    }
}
