// An execution environment in the pool: a header and the operand stack, from whose end the call records grow down.

import MemoryPool
import WasmFormat

@safe struct EnvironmentBlock {
    let words: Words

    enum Header {
        static var identity: UInt32 { 0 }            // of all that were made, each has another │ a run is going on << 31
        static var trapModule: UInt32 { 1 }          // its region │ generation << 8; 0: there is no position
        static var trapInstance: UInt32 { 2 }
        static var trapFunction: UInt32 { 3 }
        static var trapWord: UInt32 { 4 }            // of the function's code
        static var next: UInt32 { 5 }                // the reference to the next environment's block
        static var count: UInt32 { 6 }
    }

    var identity: UInt32 { words[Header.identity] & 0x7fff_ffff }
    var next: HeapReference {
        get { HeapReference(bits: words[Header.next]) }
        nonmutating set { words[Header.next] = newValue.bits }
    }

    var isBusy: Bool {
        get { words[Header.identity] &>> 31 != 0 }
        nonmutating set { words[Header.identity] = identity | (newValue ? 1 &<< 31 : 0) }
    }
    /// The first cell of the operand stack.
    var bottom: Cells { unsafe Cells(words.start + Int(Header.count)) }
    /// Behind the last cell.
    var top: Cells { unsafe Cells(words.start + Int(words.count & ~1)) }
    /// Cells of the operand stack.
    var cells: UInt32 { (words.count & ~1) &- Header.count }
}

extension Engine {
    mutating func makeEnvironment(operandStackBytes: UInt32) throws(LoadError) -> ExecutionEnvironment {
        let bytes = operandStackBytes > UInt32.max &- 64 ? operandStackBytes : operandStackBytes &+ EnvironmentBlock.Header.count &* 4
        guard let reference = heap.allocate(bytes, for: .operandStacks) else { throw LoadError(noRoomFor: .operandStack, at: 0) }
        let block = EnvironmentBlock(words: heap.words(reference))
        block.words[EnvironmentBlock.Header.identity] = nextEnvironment
        block.next = environments
        environments = reference
        nextEnvironment = (nextEnvironment &+ 1) & 0x7fff_ffff
        return ExecutionEnvironment(reference: reference.bits, identity: block.identity)
    }

    /// The block of an environment. Looked for among those that there are: what lies at a stale handle's place may be a guest's, and say anything.
    func block(of environment: ExecutionEnvironment) throws(HandleError) -> EnvironmentBlock {
        var reference = environments
        while !reference.isNone {
            let block = EnvironmentBlock(words: heap.words(reference))
            if reference.bits == environment.reference && block.identity == environment.identity { return block }
            reference = block.next
        }
        throw .staleEnvironment
    }

    mutating func remove(_ environment: ExecutionEnvironment) throws(HandleError) {
        let block = try block(of: environment)
        precondition(!block.isBusy, "a run is going on in this environment")
        let reference = HeapReference(bits: environment.reference)
        if environments == reference {
            environments = block.next
        } else {
            var before = EnvironmentBlock(words: heap.words(environments))
            while before.next != reference { before = EnvironmentBlock(words: heap.words(before.next)) }
            before.next = block.next
        }
        heap.free(reference)
    }
}
