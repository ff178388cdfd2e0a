// The end of instances: who still needs one, and giving back what it has.

import MemoryPool
import WasmFormat

extension Engine {
    /// Gives the memory of a group of instances back: of all of them, or of none while one outside needs one inside.
    mutating func tearDown(_ group: Span<Instance>) throws(HandleError) {
        for i in 0..<group.count { _ = try block(of: group[i]) }
        if let environment = pausedEnvironment(of: group) { throw .paused(in: environment) }
        for number in 1..<directoryCount &+ 1 {
            guard let other = find(number), !contains(group, other.handle) else { continue }
            for i in 0..<group.count {
                if needs(other, try block(of: group[i])) { throw .inUse(by: other.handle) }
            }
        }
        for i in 0..<group.count {
            // One that is named twice is gone already.
            if let block = find(group[i]) { remove(block) }
        }
    }

    /// An environment in which a paused run has a frame of an instance of the group.
    private func pausedEnvironment(of group: Span<Instance>) -> ExecutionEnvironment? {
        var reference = environments
        while !reference.isNone {
            let block = EnvironmentBlock(words: heap.regions.words(reference))
            if block.state.isPaused {
                var frames = FrameWalk(block)
                while let frame = frames.next(self, block) {
                    if contains(group, frame.instance) { return ExecutionEnvironment(reference: reference.bits, identity: block.identity) }
                }
            }
            reference = block.next
        }
        return nil
    }

    private func contains(_ group: Span<Instance>, _ instance: Instance) -> Bool {
        for i in 0..<group.count where group[i] == instance { return true }
        return false
    }

    private mutating func remove(_ block: InstanceBlock) {
        for i in 0..<moduleBlock(block.module).tables {
            let table = ownTable(block, i)
            if !table.isImported && !block.contains(table.elements) { heap.free(table.elements) }
        }
        freeMemory(block)
        clearBlock(of: block.handle)
        heap.free(block.reference)
    }

    // MARK: who needs whom

    /// Whether an instance imports from another one, or one of its own tables or globals names a function of it. Looks at everything that it has.
    private func needs(_ block: InstanceBlock, _ other: InstanceBlock) -> Bool {
        let code = moduleBlock(block.module)
        let tag = other.handle.tag
        for i in 0..<code.importedFunctions where block.importedFunction(i).tag == tag { return true }
        for i in 0..<code.importedGlobals where other.contains(HeapReference(bits: block.words[block.importedGlobals &+ i])) { return true }
        for i in 0..<code.tables {
            let table = ownTable(block, i)
            if table.isImported && other.contains(table.elements) { return true }
        }
        if block.memory != 0, ownMemory(block).isImported, other.contains(ownMemory(block).window) { return true }
        do throws(LoadError) {
            return try names(block, code, tag)
        } catch {
            preconditionFailure("module bytes changed")
        }
    }

    /// Whether a table or global of an instance's own names a function of the instance with this tag.
    private func names(_ block: InstanceBlock, _ code: ModuleBlock, _ tag: UInt32) throws(LoadError) -> Bool {
        let bytes = bytes(of: code)
        let summary = try summary(of: code)
        var number = summary.importedTableCount
        var tables = SectionReader<TableType>(summary.tables, of: bytes)
        while let type = try tables.next() {
            let table = ownTable(block, number)
            number &+= 1
            guard type.elementType == .funcref, table.size > 0 else { continue }
            let elements = elements(of: table)
            for i in 0..<table.size where Reference(bits: elements[i]).tag == tag { return true }
        }
        var cell = block.globals
        var globals = SectionReader<GlobalEntry>(summary.globals, of: bytes)
        while let entry = try globals.next() {
            let type = entry.type.valueType
            if type == .funcref && Reference(bits: block.words[cell]).tag == tag { return true }
            cell &+= type.isReference ? 1 : type.cells
        }
        return false
    }
}
