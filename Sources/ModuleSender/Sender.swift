// The loader's end on the host: what to send next, given the bytes that come back. It opens nothing and waits for nothing: its caller does.
//
//     asking ──S──▶ announcing ──A──▶ sending ──A…──▶ committing ──I──▶ installed
//                       ▲                │ the board knows of no installation: it was started anew
//                       └────────────────┘

import ModuleStore

/// Why a module was not installed.
public enum SendError: Error, Equatable, Sendable {
    /// The board's store refused it.
    case store(StoreError)
    /// Nothing that makes sense came back, so many times in a row.
    case noAnswer(attempts: Int)
    /// The board has started anew so often meanwhile.
    case startedAnew(times: Int)
    /// A refusal that this version does not know.
    case refused(reason: UInt8)
}

/// What is to be done now.
public enum SenderStep: Equatable, Sendable {
    /// Wait for more bytes.
    case wait
    /// A byte of the console's text.
    case text(UInt8)
    /// Send these, then wait again, with the time from the start.
    case send([UInt8])
    case installed(slot: UInt8, sequence: UInt32)
    case failed(SendError)
}

public struct Sender {
    private enum State { case asking, announcing, sending, committing, ended }

    /// What the board's store had before, and how much fits.
    public struct Status: Equatable, Sendable {
        public let capacity: UInt32
        /// Zeros, and slot 255, where there is no module.
        public let sequence: UInt32
        public let length: UInt32
        public let checksum: UInt32
        public let slot: UInt8
        /// A bit for each slot.
        public let inUse: UInt8

        public init(capacity: UInt32, sequence: UInt32, length: UInt32, checksum: UInt32, slot: UInt8, inUse: UInt8) {
            (self.capacity, self.sequence, self.length) = (capacity, sequence, length)
            (self.checksum, self.slot, self.inUse) = (checksum, slot, inUse)
        }
    }

    public let module: [UInt8]
    public let checksum: UInt32
    /// What the board said before anything was sent.
    public private(set) var status: Status?
    /// Bytes that the board has taken.
    public private(set) var acknowledged = 0
    /// Frames that had to be sent again.
    public private(set) var resent = 0

    private var state = State.asking
    private var reader = FrameReader()
    private var attempts = 0
    private var starts = 0
    /// A refusal of this frame was answered already. Those that follow may be of what came before it, noise for instance: were each of them a reason to send
    /// again, they would use up the attempts.
    private var hasHurried = false

    /// How often a frame is sent before it is given up.
    private let attemptsAllowed: Int
    private static var startsAllowed: Int { 5 }

    public init(_ module: [UInt8], attempts: Int = 10) {
        self.module = module
        attemptsAllowed = attempts
        var crc = CRC32()
        for byte in module { crc.add(byte) }
        checksum = crc.value
    }

    /// The first frame; the next ones come with `receive`.
    public mutating func begin() -> [UInt8] {
        (state, attempts) = (.asking, 1)
        return current()
    }

    /// Nothing came for as long as the caller waits: the frame goes out again.
    public mutating func timeOut() -> SenderStep {
        reader.abandon()
        hasHurried = false
        return again()
    }

    public mutating func receive(_ byte: UInt8) -> SenderStep {
        switch reader.receive(byte) {
        case .outside(let byte): return .text(byte)
        // A broken answer is like none: the time runs out.
        case .inside, .broken: return .wait
        case .whole: break
        }
        guard state != .ended else { return .wait }
        switch reader.kind {
        case .status: return heardStatus()
        case .acknowledged: return heardAcknowledgement()
        case .refused: return heardRefusal()
        case .installed: return heardInstalled()
        // Its own frames, given back by a terminal.
        case .query, .begin, .data, .commit, .cancel, nil: return .wait
        }
    }

    // MARK: answers

    private mutating func heardStatus() -> SenderStep {
        guard state == .asking, reader.payloadCount == 18 else { return .wait }
        let status = Status(
            capacity: reader.payloadWord(0), sequence: reader.payloadWord(4), length: reader.payloadWord(8), checksum: reader.payloadWord(12),
            slot: reader.payloadByte(16), inUse: reader.payloadByte(17))
        self.status = status
        guard module.count <= Int(status.capacity) else {
            return fail(.store(.tooLarge(bytes: UInt32(clamping: module.count), capacity: status.capacity)))
        }
        return next(.announcing)
    }

    private mutating func heardAcknowledgement() -> SenderStep {
        let offset = Int(reader.offset)
        guard offset <= module.count else { return .wait }
        switch state {
        case .announcing: break
        // Of a frame that was sent twice.
        case .sending where offset > acknowledged: break
        case .asking, .sending, .committing, .ended: return .wait
        }
        acknowledged = offset
        return next(offset == module.count ? .committing : .sending)
    }

    private mutating func heardRefusal() -> SenderStep {
        let reason = reader.payloadByte(0)
        if let refusal = Frame.Refusal(rawValue: reason) {
            switch refusal {
            case .otherOffset where (state == .sending || state == .committing) && Int(reader.offset) < module.count:
                acknowledged = Int(reader.offset)
                state = .sending
                return hurry()
            case .broken, .otherOffset: return hurry()
            case .payload: return fail(.refused(reason: reason))
            }
        }
        guard let error = StoreError(code: reason, reader.payloadWord(1), reader.payloadWord(5)) else { return fail(.refused(reason: reason)) }
        switch (error, state) {
        case (.notBegun, .sending), (.notBegun, .committing):
            starts += 1
            guard starts <= Self.startsAllowed else { return fail(.startedAnew(times: starts)) }
            acknowledged = 0
            return next(.announcing)
        // Of a frame before.
        case (.notBegun, _): return .wait
        case (.incomplete, .committing) where Int(reader.offset) < module.count:
            acknowledged = Int(reader.offset)
            state = .sending
            return hurry()
        default: return fail(.store(error))
        }
    }

    private mutating func heardInstalled() -> SenderStep {
        guard state == .committing, Int(reader.offset) == module.count, reader.payloadCount == 5 else { return .wait }
        state = .ended
        return .installed(slot: reader.payloadByte(0), sequence: reader.payloadWord(1))
    }

    // MARK: frames

    private mutating func next(_ state: State) -> SenderStep {
        self.state = state
        attempts = 1
        hasHurried = false
        return .send(current())
    }

    /// Sends again before the time is out; once.
    private mutating func hurry() -> SenderStep {
        guard !hasHurried else { return .wait }
        hasHurried = true
        return again()
    }

    private mutating func again() -> SenderStep {
        guard state != .ended else { return .wait }
        guard attempts < attemptsAllowed else { return fail(.noAnswer(attempts: attempts)) }
        attempts += 1
        resent += 1
        return .send(current())
    }

    private mutating func fail(_ error: SendError) -> SenderStep {
        state = .ended
        return .failed(error)
    }

    private func current() -> [UInt8] {
        switch state {
        case .asking: Self.frame(.query, 0)
        case .announcing: announcement
        case .sending: data(at: acknowledged)
        case .committing: commitment
        case .ended: []
        }
    }

    private var announcement: [UInt8] { Self.frame(.begin, 0, words: [UInt32(module.count), checksum]) }
    private var commitment: [UInt8] { Self.frame(.commit, UInt32(module.count)) }
    private func data(at offset: Int) -> [UInt8] {
        Self.frame(.data, UInt32(offset), module[offset..<min(offset + Frame.longestPayload, module.count)])
    }

    /// All frames of an installation, one behind the other: for a line that loses nothing and holds the bytes back while the board is busy, as QEMU's does. On
    /// a real line the board must be waited for.
    public var script: [UInt8] {
        announcement + stride(from: 0, to: module.count, by: Frame.longestPayload).flatMap { data(at: $0) } + commitment
    }

    /// A frame, as it goes over the line.
    public static func frame(_ kind: Frame.Kind, _ offset: UInt32, _ payload: ArraySlice<UInt8> = [], words: [UInt32] = []) -> [UInt8] {
        var writer = FrameWriter<160>()
        writer.begin(kind, offset: offset)
        for byte in payload { writer.add(byte) }
        for word in words { writer.add(word: word) }
        writer.end()
        let frame = writer.frame
        return frame.indices.map { frame[$0] }
    }
}
