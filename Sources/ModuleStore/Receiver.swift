// The loader's end on the board: fed byte by byte with what the console receives, it answers, and installs. docs/STORE.md has the protocol.
//
//     host    Q          B length, CRC     D 0 …      D 64 …           C
//     board     S …                  A 0        A 64       A 128 …       I slot, sequence

/// What became of a byte.
public enum Reception: Equatable, Sendable {
    /// It belongs to no frame: a guest may have it.
    case byte(UInt8)
    /// It is the loader's; there is nothing to do.
    case nothing
    /// `answer` is to be sent.
    case answer
    /// As `answer`; and a new module lies in the store, to be started.
    case installed(StoredModule)
}

/// Whatever arrives, it takes the same RAM (176 bytes), each byte takes bounded time, and the slot in use stays.
public struct Receiver: Sendable {
    private var reader = FrameReader()
    private var writer = FrameWriter<64>()
    /// The last module that was installed through here: its commit may be sent again, if the answer was lost.
    private var installed: StoredModule?

    public init() {}

    /// Whether a frame has begun. Its other bytes follow at the line's speed: a loop that polls the console had better not go elsewhere now.
    public var isInFrame: Bool { reader.isInside }

    /// The bytes that the console is to send after `.answer` and `.installed`, 56 at most, until the next byte is received.
    public var answer: Span<UInt8> {
        @_lifetime(borrow self) get { writer.frame }
    }

    /// The line has been silent for longer than a frame may take: what comes next is no part of one.
    public mutating func abandonFrame() { reader.abandon() }

    /// Takes a byte. A whole frame is acted on at once, which takes as long as the flash does: an erase and 16 words at most; or the CRCs of a slot.
    public mutating func receive<FlashType>(_ byte: UInt8, _ store: inout ModuleStore<FlashType>) -> Reception {
        switch reader.receive(byte) {
        case .outside(let byte): return .byte(byte)
        case .inside: return .nothing
        case .broken:
            refuse(Frame.Refusal.broken.rawValue, at: store.progress?.received ?? 0)
            return .answer
        case .whole: return act(&store)
        }
    }

    private mutating func act<FlashType>(_ store: inout ModuleStore<FlashType>) -> Reception {
        do throws(StoreError) {
            switch reader.kind {
            case .query: answerStatus(store)
            case .begin: try begin(&store)
            case .data: try take(&store)
            case .commit: return try commit(&store)
            case .cancel:
                store.cancel()
                acknowledge(0)
            // What the board sent itself, given back by a terminal, must not be answered; what nobody knows neither.
            case .status, .acknowledged, .refused, .installed, nil: return .nothing
            }
        } catch {
            let code = error.code
            refuse(code.kind, at: store.progress?.received ?? 0, code.first, code.second)
        }
        return .answer
    }

    // MARK: requests

    private mutating func begin<FlashType>(_ store: inout ModuleStore<FlashType>) throws(StoreError) {
        guard reader.payloadCount == 8 else { return refuse(Frame.Refusal.payload.rawValue, at: 0) }
        let (length, checksum) = (reader.payloadWord(0), reader.payloadWord(4))
        // Asked again, because the answer was lost or the host began anew: what is there already need not be sent again.
        if let progress = store.progress, progress.length == length, progress.checksum == checksum { return acknowledge(progress.received) }
        installed = nil
        try store.begin(length: length, checksum: checksum)
        acknowledge(0)
    }

    private mutating func take<FlashType>(_ store: inout ModuleStore<FlashType>) throws(StoreError) {
        guard let progress = store.progress else { throw .notBegun }
        guard reader.offset == progress.received else {
            // Sent again, because the answer was lost.
            if reader.offset < progress.received { return acknowledge(progress.received) }
            return refuse(Frame.Refusal.otherOffset.rawValue, at: progress.received)
        }
        guard reader.payloadCount > 0 else { return refuse(Frame.Refusal.payload.rawValue, at: progress.received) }
        try store.write(reader.payload)
        acknowledge(store.progress?.received ?? 0)
    }

    private mutating func commit<FlashType>(_ store: inout ModuleStore<FlashType>) throws(StoreError) -> Reception {
        if store.progress == nil, let installed, installed.length == reader.offset {
            answerInstalled(installed)
            return .answer
        }
        if let progress = store.progress, progress.length != reader.offset {
            refuse(Frame.Refusal.otherOffset.rawValue, at: progress.received)
            return .answer
        }
        let module = try store.commit()
        installed = module
        answerInstalled(module)
        return .installed(module)
    }

    // MARK: answers

    private mutating func acknowledge(_ offset: UInt32) {
        writer.begin(.acknowledged, offset: offset)
        writer.end()
    }

    private mutating func refuse(_ reason: UInt8, at offset: UInt32, _ first: UInt32 = 0, _ second: UInt32 = 0) {
        writer.begin(.refused, offset: offset)
        writer.add(reason)
        writer.add(word: first)
        writer.add(word: second)
        writer.end()
    }

    private mutating func answerInstalled(_ module: StoredModule) {
        writer.begin(.installed, offset: module.length)
        writer.add(module.slot.rawValue)
        writer.add(word: module.sequence)
        writer.end()
    }

    /// The capacity; the newest module's sequence, length and CRC, zeros if there is none; its slot, 255 if there is none; the slots in use, a bit each.
    private mutating func answerStatus<FlashType>(_ store: borrowing ModuleStore<FlashType>) {
        let newest = store.newest()
        writer.begin(.status, offset: store.progress?.received ?? 0)
        writer.add(word: store.capacity)
        writer.add(word: newest?.sequence ?? 0)
        writer.add(word: newest?.length ?? 0)
        writer.add(word: newest?.checksum ?? 0)
        writer.add(newest?.slot.rawValue ?? .max)
        writer.add((store.isInUse(.first) ? 1 : 0) | (store.isInUse(.second) ? 2 : 0))
        writer.end()
    }
}
