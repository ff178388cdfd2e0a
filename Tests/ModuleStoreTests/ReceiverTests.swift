// The loader: both ends over good lines and bad ones, and whatever bytes may come.

import ModuleSender
import ModuleStore
import Testing

/// A board: a store, the module that it runs, and the receiver.
private final class Board {
    static let geometry = Geometry(eraseUnit: 256, slotBytes: 1024)
    var store: ModuleStore<SimulatedFlash>
    var receiver = Receiver()
    let runs: [UInt8]
    /// What a guest got.
    var text: [UInt8] = []
    var installed: [StoredModule] = []

    convenience init(running bytes: [UInt8], seed: Int = 1) throws {
        var store = Self.geometry.store(Self.geometry.flash(seed: seed, used: true))
        try install(bytes, &store)
        self.init(store.flash.restarted(), running: bytes)
    }

    /// After a start.
    init(_ flash: SimulatedFlash, running bytes: [UInt8]) {
        store = Self.geometry.store(flash)
        runs = bytes
        #expect(start(&store) == bytes)
    }

    /// The bytes that it answers with.
    func hear(_ bytes: [UInt8]) -> [UInt8] {
        var answers: [UInt8] = []
        for byte in bytes {
            switch receiver.receive(byte, &store) {
            case .byte(let byte): text.append(byte)
            case .nothing: break
            case .installed(let module):
                installed.append(module)
                fallthrough
            case .answer:
                let answer = receiver.answer
                for index in answer.indices { answers.append(answer[index]) }
            }
        }
        return answers
    }

    var newest: [UInt8]? { running(store) }

    /// Whether the slot that it runs from is as it was, and what is newest is one of the modules.
    func isSound(_ modules: [[UInt8]]) -> Bool {
        guard let first = store.module(in: .first), store.isInUse(.first) else { return false }
        let bytes = (0..<first.length).map { store.flash.byte(first.address + $0) }
        let newest = running(store)
        return bytes == runs && (newest == runs || modules.contains { $0 == newest })
    }
}

/// What a line does to the bytes that pass.
private struct Line {
    var random: Random
    /// Of a thousand bytes.
    var lost = 0, flipped = 0, added = 0

    mutating func carry(_ bytes: [UInt8]) -> [UInt8] {
        var arrived: [UInt8] = []
        for byte in bytes {
            let luck = Int.random(in: 0..<1000, using: &random)
            if luck < lost { continue }
            arrived.append(luck < lost + flipped ? byte ^ 1 << UInt8.random(in: 0..<8, using: &random) : byte)
            if luck >= 1000 - added { arrived.append(UInt8.random(in: 0...255, using: &random)) }
        }
        return arrived
    }
}

private struct Exchange {
    var result: SenderStep = .wait
    var text: [UInt8] = []
    var resent = 0
    /// Bytes in both directions.
    var sent = 0
}

/// Plays both ends; a line that is silent is a time-out. `each` may do something before the board hears the frame of a number.
private func exchange(_ module: [UInt8], _ board: inout Board, _ line: inout Line, before each: (Int, inout Board) -> Void = { _, _ in }) -> Exchange {
    var sender = Sender(module)
    var exchange = Exchange()
    var outgoing = sender.begin()
    var number = 0
    while exchange.result == .wait {
        each(number, &board)
        let answer = board.hear(line.carry(outgoing))
        exchange.sent += outgoing.count + answer.count
        outgoing = []
        // A guest prints meanwhile.
        let heard = line.carry(Array("tick \(number)\n".utf8) + answer)
        for step in heard.map({ sender.receive($0) }) {
            switch step {
            case .wait: break
            case .text(let byte): exchange.text.append(byte)
            case .send(let bytes): outgoing += bytes
            case .installed, .failed: exchange.result = step
            }
        }
        if outgoing.isEmpty, exchange.result == .wait {
            let step = sender.timeOut()
            if case .send(let bytes) = step { outgoing = bytes } else { exchange.result = step }
        }
        number += 1
    }
    exchange.resent = sender.resent
    return exchange
}

@Suite struct ReceiverTests {
    private static let old = module(1, 300)
    private static let new = module(2, 700)

    // MARK: both ends

    @Test("A module of any length goes over a good line without a frame twice; text of both sides passes", arguments: [1, 2, 63, 64, 65, 255, 256, 900, 992])
    func goodLine(length: Int) throws {
        var board = try Board(running: Self.old)
        var line = Line(random: Random(1))
        let bytes = module(3, length)
        #expect(board.hear(Array("hello\n".utf8)).isEmpty)
        let exchange = exchange(bytes, &board, &line)
        #expect(exchange.result == .installed(slot: 1, sequence: 2) && exchange.resent == 0)
        #expect(board.newest == bytes && board.installed.count == 1 && board.text == Array("hello\n".utf8))
        let frames = 3 + (length + 63) / 64
        #expect(exchange.text == (0..<frames).flatMap { Array("tick \($0)\n".utf8) })
        // What escapes take: 8 of 256 bytes, but for luck; the frames' own are 11 and an answer's 11 for 64.
        #expect(exchange.sent < length + length / 8 + 40 * frames)
        #expect(board.isSound([bytes]))
    }

    @Test("Over a line that loses, changes and adds bytes the module comes whole, or the sender says that there is no answer; never another", arguments: 1...40)
    func badLine(seed: Int) throws {
        var board = try Board(running: Self.old, seed: seed)
        var line = Line(random: Random(seed), lost: seed % 4, flipped: seed / 4 % 4, added: seed / 16 * 2)
        var exchange = exchange(Self.new, &board, &line)
        #expect(board.isSound([Self.new]))
        // A worse line, and then a good one: it goes on where it was.
        if exchange.result != .installed(slot: 1, sequence: 2) {
            #expect(exchange.result == .failed(.noAnswer(attempts: 10)))
            line = Line(random: Random(seed))
            exchange = ModuleStoreTests.exchange(Self.new, &board, &line)
        }
        #expect(exchange.result == .installed(slot: 1, sequence: 2) && board.newest == Self.new && board.isSound([Self.new]))
    }

    @Test("On a dead line, and on one that only echoes, the sender gives up after as many frames as it says")
    func deadLine() throws {
        var board = try Board(running: Self.old)
        var line = Line(random: Random(1), lost: 1000)
        #expect(exchange(Self.new, &board, &line).result == .failed(.noAnswer(attempts: 10)))
        var sender = Sender(Self.new, attempts: 4)
        var sent = [sender.begin()]
        var result = SenderStep.wait
        while result == .wait {
            for byte in sent.last ?? [] { #expect(sender.receive(byte) == .wait) }
            let step = sender.timeOut()
            if case .send(let bytes) = step { sent.append(bytes) } else { result = step }
        }
        #expect(result == .failed(.noAnswer(attempts: 4)) && sent.count == 4 && Set(sent).count == 1)
    }

    @Test("What the board sends is never answered, so that an echo goes round no second time")
    func echo() throws {
        var board = try Board(running: Self.old)
        var script = Sender.frame(.query, 0) + Sender(Self.new).script + Sender.frame(.data, 7, [1]) + Sender.frame(.cancel, 0)
        script += Sender.frame(.begin, 0, [1]) + Sender.frame(.data, 0)
        for byte in script {
            let answer = board.hear([byte])
            if !answer.isEmpty { #expect(board.hear(answer).isEmpty) }
        }
        #expect(board.newest == Self.new && board.installed.count == 1)
        // Nor is a letter that nobody knows.
        for letter in 0...255 as ClosedRange<UInt8> where Frame.Kind(rawValue: letter) == nil {
            var crc = CRC32()
            let contents: [UInt8] = [letter, 0, 0, 0, 0]
            for byte in contents { crc.add(byte) }
            let bytes = contents + (0..<4).map { UInt8(truncatingIfNeeded: crc.value >> (8 * $0)) }
            let escaped = bytes.flatMap { (0xF8...0xFA).contains($0) ? [0xF9, $0 ^ 0x20] : [$0] }
            #expect(board.hear([0xF8] + escaped + [0xFA]).isEmpty, "\(letter)")
        }
    }

    @Test("Between the ends of a frame there is no byte that a terminal keeps for itself; the longest fits")
    func escapes() throws {
        let worst: [[UInt8]] = [[0xF8, 0xF9, 0xFA, 3, 0x11, 0x13], Array(repeating: 0xF9, count: 64), Array(0...63), Array(200...255)]
        for payload in worst {
            let frame = Sender.frame(.data, 0xFAF9_F803, payload[...])
            #expect(frame.first == 0xF8 && frame.last == 0xFA)
            #expect(!frame.dropFirst().dropLast().contains { [0xF8, 0xFA, 3, 0x11, 0x13].contains($0) })
            var reader = FrameReader()
            let events = frame.map { reader.receive($0) }
            let read = reader.payload
            #expect(events.last == .whole && !events.dropLast().contains { $0 != .inside })
            #expect(reader.kind == .data && reader.offset == 0xFAF9_F803 && read.indices.map { read[$0] } == payload)
        }
        // One byte more is none, and its rest no text.
        var reader = FrameReader()
        let events = Sender.frame(.data, 0, Array(repeating: 0x41, count: 65)[...]).map { reader.receive($0) }
        #expect(events.filter { $0 == .broken }.count == 1 && !events.contains { $0 != .inside && $0 != .broken } && !reader.isInside)
    }

    // MARK: what goes wrong on the board

    @Test("A board that is started anew in the middle, at any frame, gets the module from its start", arguments: 1...14)
    func startedAnew(at frame: Int) throws {
        var board = try Board(running: Self.old)
        var line = Line(random: Random(1))
        let exchange = exchange(Self.new, &board, &line) { number, board in
            if number == frame { board = Board(board.store.flash.restarted(), running: Self.old) }
        }
        #expect(exchange.result == .installed(slot: 1, sequence: 2) && board.newest == Self.new)
    }

    @Test("Without power for good, the sender says so, and the board runs what it ran", arguments: [1, 2, 5, 9])
    func alwaysStartedAnew(at frame: Int) throws {
        var board = try Board(running: Self.old)
        var line = Line(random: Random(1))
        let exchange = exchange(Self.new, &board, &line) { number, board in
            if number % (frame + 2) == frame + 1 { board = Board(board.store.flash.restarted(), running: Self.old) }
        }
        let error = frame < 9 ? SendError.startedAnew(times: 6) : nil
        #expect(error.map { exchange.result == .failed($0) } ?? true)
        #expect(board.isSound([Self.new]))
    }

    @Test("A commit whose answer was lost is answered again; an installation that is begun again goes on where it was")
    func again() throws {
        var board = try Board(running: Self.old)
        let sender = Sender(Self.new)
        var answers = board.hear(sender.script)
        #expect(board.installed.count == 1)
        answers = board.hear(Sender.frame(.commit, 700))
        #expect(answers == Sender.frame(.installed, 700, [1, 2, 0, 0, 0]) && board.installed.count == 1)
        // Of another length it is none.
        #expect(board.hear(Sender.frame(.commit, 699)) == refused(9))

        let begin = Sender.frame(.begin, 0, words: [300, crc(module(7, 300))])
        #expect(board.hear(begin) == Sender.frame(.acknowledged, 0))
        #expect(board.hear(Sender.frame(.data, 0, module(7, 300)[..<64])) == Sender.frame(.acknowledged, 64))
        let erases = board.store.flash.log.filter(\.isErase).count
        #expect(board.hear(begin) == Sender.frame(.acknowledged, 64))
        #expect(board.hear(Sender.frame(.data, 0, module(7, 300)[..<64])) == Sender.frame(.acknowledged, 64))
        #expect(board.hear(Sender.frame(.data, 128, module(7, 300)[128..<192])) == refused(0x80, at: 64))
        #expect(board.hear(Sender.frame(.commit, 300)) == refused(7, at: 64, 64, 300))
        #expect(board.hear(Sender.frame(.commit, 200)) == refused(0x80, at: 64))
        #expect(board.store.flash.log.filter(\.isErase).count == erases)
        #expect(board.hear(Sender.frame(.cancel, 0)) == Sender.frame(.acknowledged, 0) && board.store.progress == nil)
        #expect(board.hear(Sender.frame(.data, 64, [1])) == refused(9))
        #expect(board.isSound([Self.new]))
    }

    private func refused(_ reason: UInt8, at offset: UInt32 = 0, _ first: UInt32 = 0, _ second: UInt32 = 0) -> [UInt8] {
        let words = [first, second].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        return Sender.frame(.refused, offset, ([reason] + words)[...])
    }

    @Test("The sender tells what the board's store refused, in the store's words")
    func refusals() throws {
        var board = try Board(running: Self.old)
        var line = Line(random: Random(1))
        #expect(exchange(module(3, 993), &board, &line).result == .failed(.store(.tooLarge(bytes: 993, capacity: 992))))
        #expect(exchange([], &board, &line).result == .failed(.store(.empty)))
        let bad = board.store.flash.base + 1024 + 512
        board.store.flash.deaf = [bad]
        #expect(exchange(Self.new, &board, &line).result == .failed(.store(.differs(address: bad))))
        #expect("\(SendError.store(.differs(address: 0x3a600)))".hasPrefix("flash does not keep what was written at 0x3a600: "))
        board.store.flash.deaf = []
        board.store.hold(.second)
        #expect(exchange(Self.new, &board, &line).result == .failed(.store(.slotInUse(.second))))
        #expect(board.isSound([]))
        // The first byte that the board hears after a long silence may be no frame's: what was begun is forgotten.
        _ = board.hear([0xF8, 0x51])
        #expect(board.receiver.isInFrame)
        board.receiver.abandonFrame()
        #expect(!board.receiver.isInFrame && board.hear(Array("ab".utf8)).isEmpty && board.text == Array("ab".utf8))
    }

    @Test("The status tells what there is")
    func status() throws {
        var board = try Board(running: Self.old)
        var sender = Sender(Self.new)
        for byte in board.hear(sender.begin()) { _ = sender.receive(byte) }
        #expect(sender.status == Sender.Status(capacity: 992, sequence: 1, length: 300, checksum: crc(Self.old), slot: 0, inUse: 1))
    }

    @Test("Refusals of what came before, however many, make the sender repeat its frame once, and do not use up its attempts")
    func staleRefusals() throws {
        var board = try Board(running: Self.old)
        var stale: [UInt8] = []
        for _ in 0..<50 { stale += board.hear([0xF8, 1, 2, 0xFA]) }
        #expect(stale.count > 50 * 11)
        var sender = Sender(Self.new)
        let first = sender.begin()
        let steps = stale.map { sender.receive($0) }.filter { $0 != .wait }
        #expect(steps == [.send(first)])
        // Then the answers come.
        let answers = (board.hear(first) + board.hear(first)).map { sender.receive($0) }.filter { $0 != .wait }
        #expect(answers == [.send(Sender.frame(.begin, 0, words: [700, crc(Self.new)]))])
        // The next frame may be repeated again.
        #expect(board.hear([0xF8, 1, 2, 0xFA]).map { sender.receive($0) }.last == answers.last)
    }

    // MARK: hostile bytes

    @Test("Every truncation of an exchange leaves the old module running, and the next one works")
    func truncations() throws {
        let script = Sender(Self.new).script
        let board = try Board(running: Self.old)
        let flash = board.store.flash
        for count in 0..<script.count {
            var board = Board(flash, running: Self.old)
            _ = board.hear(Array(script[..<count]))
            try #require(board.installed.isEmpty && board.newest == Self.old && board.isSound([]), "\(count)")
            guard count % 7 == 0 else { continue }
            var line = Line(random: Random(count))
            #expect(exchange(Self.new, &board, &line).result == .installed(slot: 1, sequence: 2) && board.newest == Self.new)
        }
    }

    @Test("Every flipped bit of an exchange leaves the old module, or the one that was meant")
    func flippedBits() throws {
        // Short, and yet of two frames.
        let bytes = module(5, 70)
        let script = Sender(bytes).script
        let board = try Board(running: Self.old)
        let flash = board.store.flash
        var installed = 0
        for bit in 0..<script.count * 8 {
            var changed = script
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var board = Board(flash, running: Self.old)
            _ = board.hear(changed)
            try #require(board.isSound([bytes]), "bit \(bit)")
            installed += board.installed.count
        }
        // Some changes are none: a byte need not be escaped to be itself.
        #expect(installed < script.count)
    }

    @Test("Random bytes, and random frames with a right CRC, change nothing that runs and install nothing that was not announced", arguments: 1...8)
    func random(seed: Int) throws {
        var board = try Board(running: Self.old, seed: seed)
        var random = Random(seed)
        let kinds: [Frame.Kind] = [.query, .begin, .data, .data, .data, .commit, .cancel, .status, .acknowledged, .refused, .installed]
        let edges: [UInt32] = [0, 1, 64, 127, 992, 993, 1024, .max, .max - 63, 0x8000_0000]
        var longest = 0
        for _ in 0..<1_500 {
            var bytes: [UInt8]
            if Int.random(in: 0..<3, using: &random) == 0 {
                bytes = random.bytes(Int.random(in: 0...90, using: &random))
                if let place = bytes.indices.randomElement(using: &random) { bytes[place] = [0xF8, 0xF9, 0xFA].randomElement(using: &random) ?? 0 }
            } else {
                let kind = kinds.randomElement(using: &random) ?? .query
                let isDue = Bool.random(using: &random)
                let offset = isDue ? kind == .commit ? board.store.progress?.length ?? 0 : board.store.progress?.received ?? 0 : edges.randomElement(using: &random) ?? 0
                var payload = random.bytes(Int.random(in: 0...64, using: &random))
                if kind == .begin, isDue { payload = [UInt8.random(in: 0...255, using: &random), UInt8.random(in: 0...4, using: &random), 0, 0] + random.bytes(4) }
                bytes = Sender.frame(kind, offset, payload[...])
            }
            for byte in bytes { longest = max(longest, board.hear([byte]).count) }
        }
        // A CRC of 32 bits is not met by luck.
        #expect(board.installed.isEmpty && board.isSound([]) && board.newest == Self.old)
        #expect(longest > 11 && longest <= 56)
        var line = Line(random: random)
        #expect(exchange(Self.new, &board, &line).result == .installed(slot: 1, sequence: 2))
    }

    @Test("A sender that hears random frames ends, and says that nothing is installed")
    func hostileBoard() {
        var random = Random(3)
        let kinds: [Frame.Kind] = [.query, .status, .acknowledged, .refused, .data]
        for _ in 0..<300 {
            var sender = Sender(Self.new, attempts: 5)
            _ = sender.begin()
            var result = SenderStep.wait
            for _ in 0..<60 where result == .wait {
                let payload = random.bytes([0, 5, 9, 18, 64].randomElement(using: &random) ?? 0)
                let offset: UInt32 = [0, 64, 128, 700, 701, .max].randomElement(using: &random) ?? 0
                for byte in Sender.frame(kinds.randomElement(using: &random) ?? .query, offset, payload[...]) {
                    let step = sender.receive(byte)
                    if case .failed = step { result = step }
                    if case .installed = step { result = step }
                }
            }
            if case .installed = result { Issue.record("installed by noise") }
        }
    }
}
