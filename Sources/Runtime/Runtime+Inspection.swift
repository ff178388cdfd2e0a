// What tools look at: the register code of a loaded module, word by word.

import MemoryPool
import RegisterCode
import WasmFormat

extension Runtime where HostType: ~Copyable {
    /// Own functions of a module, and how many it imports.
    package func functionCounts(_ module: Module) throws(HandleError) -> (own: UInt32, imported: UInt32) {
        let block = try engine.block(of: module)
        return (block.functionCount, block.importedFunctions)
    }

    /// Words of an own function, counted from 0: its instructions, its constants, its frame's cells and its reference cells.
    package func functionSize(_ module: Module, _ function: UInt32) throws(HandleError) -> (words: UInt32, constants: UInt32, stackWords: UInt32, references: UInt32) {
        let block = try engine.block(of: module)
        let record = block.record(function)
        return (block.instructionWords(function), UInt32(record.constants), UInt32(record.stackWords), UInt32(record.referenceWords))
    }

    #if !hasFeature(Embedded)
    /// Copies of the words of a module's block, to the end of its code.
    package func moduleWords(of module: Module) throws(HandleError) -> [UInt32] {
        let block = try engine.block(of: module)
        return (0..<block.code &+ block.codeWords).map { block.words[$0] }
    }
    #endif

    /// A word of an own function's instructions.
    package func word(_ module: Module, _ function: UInt32, _ position: UInt32) throws(HandleError) -> Word {
        let block = try engine.block(of: module)
        return Word(bits: block.words[block.code &+ block.record(function).start / 4 &+ position])
    }

    /// A constant of an own function.
    package func constant(_ module: Module, _ function: UInt32, _ index: UInt32) throws(HandleError) -> UInt32 {
        let block = try engine.block(of: module)
        return block.words[block.code &+ block.record(function).start / 4 &- 1 &- index]
    }

    /// Words of register code in all: instructions and constants of every function, without the two words at its start.
    package func codeWords(_ module: Module) throws(HandleError) -> UInt32 { try engine.block(of: module).codeWords &- 2 }

    /// Where the instructions that became the words of each own function lie in the module, function after function, as `functionSize` counts
    /// them. One translation a function. `offsets` has room for `codeWords` and two more, and is zero. False if the pool has no room.
    package mutating func wasmOffsets(_ module: Module, _ offsets: inout MutableSpan<UInt32>) throws(HandleError) -> Bool {
        let block = try engine.block(of: module)
        return engine.locate(block, 0..<block.functionCount, from: 0, count: nil, counting: configuration.countsInstructions, &offsets)
    }

    /// Whether headers, lists and counters of every pool agree. Takes time in proportion to their blocks.
    package var isSound: Bool {
        for region in 0..<engine.heap.poolRegions where unsafe engine.heap.regions.base(region) != nil {
            if engine.heap.regions.uses(region) & RegionTable.isSingle == 0 && !engine.heap.regions.pool(region).check() { return false }
        }
        return true
    }
}
