// Execution environments of a dump, and the frames of the runs that stand in them. Layouts: Environment.swift, Machine.swift of the Runtime.

import RegisterCode

extension PoolDump {
    public struct Frame: Sendable {
        /// Number of the instance, from 0; the function's index in its module, imports first; the word of its register code.
        public let instance: Int
        public let module: Int
        public let function: Int
        public let word: Int
    }

    public struct Environment: Sendable {
        public let identity: UInt32
        public let state: String
        /// The number of the host function that must answer.
        public let awaited: UInt32?
        /// Polls; nil if the run had no end.
        public let fuelLeft: UInt64?
        public let blockBytes: Int
        public let stackBytes: Int
        /// What was ever written of the operand stack, as the Runtime's report has it.
        public let peakBytes: Int
        public let frames: [Frame]
        /// Whether the frames end where the run began.
        public let isWhole: Bool
    }

    static let states = ["idle", "running", "trapped", "out of fuel", "stopped", "awaiting a host function"]

    /// In the order in which they were made, and whether their list ends as it should.
    public var environments: (all: [Environment], isWhole: Bool) {
        var all: [Environment] = []
        var seen: Set<UInt32> = []
        var reference = firstEnvironment
        let instances = instances
        var left = wordCount
        while reference != 0 {
            guard seen.insert(reference).inserted, let block = block(reference), let next = block.word(1), block.words >= 16, block.words <= left else {
                return (all.reversed(), false)
            }
            left -= block.words
            all.append(environment(block, instances))
            reference = next
        }
        return (all.reversed(), true)
    }

    private func environment(_ block: Block, _ instances: [Instance]) -> Environment {
        let identity = block.word(0) ?? 0
        let state = Int(identity >> 28)
        let fuel = block.bytes.pair(16) ?? 0
        let cells = (block.words & ~1) - 16
        var gap = 0
        var run = 0
        for cell in 0..<max(cells, 0) {
            run = block.word(16 + cell) == 0 ? run + 1 : 0
            gap = max(gap, run)
        }
        let walk = state >= 2 ? frames(block, instances) : ([], true)
        return Environment(
            identity: identity & 0x0fff_ffff, state: state < Self.states.count ? Self.states[state] : "damaged: state \(state)", awaited: state == 5 ? block.word(13) : nil,
            fuelLeft: fuel == .max ? nil : fuel, blockBytes: blockBytes(block), stackBytes: max(cells, 0) * 4, peakBytes: max(cells - gap, 0) * 4, frames: walk.0,
            isWhole: walk.1 && state < Self.states.count)
    }

    private func isReturn(_ op: Op) -> Bool {
        switch op {
        case .ret, .ret1, .ret64, .retI, .retAdd, .retFrame: true
        default: false
        }
    }

    /// The innermost first. Every step goes up the stack of records.
    private func frames(_ block: Block, _ instances: [Instance]) -> ([Frame], Bool) {
        guard var handle = block.word(6), var pc = block.word(8).map(Int.init), var csp = block.word(10).map(Int.init), let top = block.word(3).map(Int.init) else { return ([], false) }
        var frames: [Frame] = []
        // In a host function that was called without a guest.
        if handle == 0 { return ([], true) }
        while true {
            guard let instance = instances.first(where: { $0.handle == handle }), let module = instance.module, let function = module.function(at: pc),
                let record = module.record(function)
            else { return (frames, false) }
            frames.append(Frame(instance: instance.number, module: module.number, function: function + module.importedFunctions, word: (pc - record.start) / 4))
            // Before it takes its reference cells, or behind the word that gives them back.
            let isOutside = frames.count == 1 && (pc == record.start || module.codeWord(pc).map { isReturn(Word(bits: $0).op) } ?? false)
            if record.references > 0 && !isOutside {
                guard let cells = block.word(csp) else { return (frames, false) }
                csp += Int(cells) + 1
            }
            guard csp >= 16, csp + 2 <= top, var w0 = block.word(csp), var w1 = block.word(csp + 1) else { return (frames, false) }
            csp += 2
            if w1 == 0 {
                // No function begins at the code base: this returns to one of the two words there.
                guard w0 == 4 else { return (frames, w0 == 0 && csp == top) }
                guard csp + 5 <= top, let caller = block.word(csp), let c0 = block.word(csp + 3), let c1 = block.word(csp + 4) else { return (frames, false) }
                (handle, w0, w1) = (caller, c0, c1)
                csp += 5
            }
            pc = Int(w1) + Int(w0 & 0x3f_ffff) - 4
        }
    }
}
