// Frames of the loader, on a line that carries text as well.
//
//     F8 │ kind │ offset (4) │ payload (0 to 64) │ CRC-32 (4) │ FA         numbers are little-endian; the CRC is of all between F8 and itself
//
// F8, F9 and FA occur in no text of UTF-8. Between F8 and FA they, and what a terminal may keep for itself (03, 11, 13), go as F9 and the byte XOR 20: an F8
// always begins a frame, whatever was lost before.

public enum Frame {
    public static var start: UInt8 { 0xF8 }
    public static var escape: UInt8 { 0xF9 }
    public static var end: UInt8 { 0xFA }
    public static var flip: UInt8 { 0x20 }
    public static var longestPayload: Int { 64 }
    /// Kind, offset, payload, CRC.
    static var longest: Int { 73 }
    static var shortest: Int { 9 }

    /// What a frame is for: a letter. Requests come from the host, answers from the board.
    public enum Kind: UInt8, Sendable {
        case query = 0x51           // Q
        case begin = 0x42           // B
        case data = 0x44            // D
        case commit = 0x43          // C
        case cancel = 0x58          // X
        case status = 0x53          // S
        case acknowledged = 0x41    // A
        case refused = 0x4E         // N
        case installed = 0x49       // I
    }

    /// Why a request was refused, where it is not the store that refused it (`StoreError.code`, from 1 on).
    public enum Refusal: UInt8, Sendable {
        /// The frame did not arrive as it was sent.
        case broken = 0
        /// Another offset is due: that of the answer.
        case otherOffset = 0x80
        /// The payload has another length than the request takes.
        case payload = 0x81
    }

    static func isEscaped(_ byte: UInt8) -> Bool { byte >= start && byte <= end || byte == 0x03 || byte == 0x11 || byte == 0x13 }
}

/// What a byte was.
public enum FrameEvent: Equatable, Sendable {
    /// Not of a frame.
    case outside(UInt8)
    case inside
    /// The frame is whole, and stays until the next byte.
    case whole
    /// A frame ended that is none.
    case broken
}

/// Takes a line apart, byte by byte. 81 bytes of RAM.
public struct FrameReader: Sendable {
    private enum State { case outside, inside, escaped, skipping }

    private var state = State.outside
    private var count = 0
    private var bytes = InlineArray<73, UInt8>(repeating: 0)

    public init() {}

    /// Whether a frame has begun, and not ended.
    public var isInside: Bool { state != .outside }

    public mutating func receive(_ byte: UInt8) -> FrameEvent {
        if byte == Frame.start {
            (state, count) = (.inside, 0)
            return .inside
        }
        switch state {
        case .outside: return .outside(byte)
        case .skipping:
            // What is too long to be a frame is let pass up to its end; but not for ever.
            count += 1
            if byte == Frame.end || count > 3 * Frame.longest { state = .outside }
            return .inside
        case .inside, .escaped:
            if byte == Frame.end {
                let isEscaped = state == .escaped
                state = .outside
                return !isEscaped && isWhole ? .whole : .broken
            }
            if byte == Frame.escape {
                state = .escaped
                return .inside
            }
            guard count < Frame.longest else {
                state = .skipping
                return .broken
            }
            bytes[count] = state == .escaped ? byte ^ Frame.flip : byte
            count += 1
            state = .inside
            return .inside
        }
    }

    /// Forgets a frame whose rest does not come.
    public mutating func abandon() { (state, count) = (.outside, 0) }

    private var isWhole: Bool {
        guard count >= Frame.shortest else { return false }
        var crc = CRC32()
        for index in 0..<count - 4 { crc.add(bytes[index]) }
        return word(count - 4) == crc.value
    }

    private func word(_ at: Int) -> UInt32 {
        UInt32(bytes[at]) | UInt32(bytes[at + 1]) &<< 8 | UInt32(bytes[at + 2]) &<< 16 | UInt32(bytes[at + 3]) &<< 24
    }

    // MARK: the whole frame

    /// Nil for a letter that no kind has.
    public var kind: Frame.Kind? { Frame.Kind(rawValue: bytes[0]) }
    public var offset: UInt32 { word(1) }
    public var payloadCount: Int { count - Frame.shortest }
    public var payload: Span<UInt8> {
        @_lifetime(borrow self) get { bytes.span.extracting(5..<count - 4) }
    }
    /// The payload's word at a byte; 0 where it has none.
    public func payloadWord(_ at: Int) -> UInt32 { at >= 0 && at <= payloadCount - 4 ? word(5 + at) : 0 }
    public func payloadByte(_ at: Int) -> UInt8 { at >= 0 && at < payloadCount ? bytes[5 + at] : 0 }
}

/// Puts a frame together, as it goes over the line, in `capacity` bytes: 148 hold any frame, 56 the board's answers.
public struct FrameWriter<let capacity: Int>: Sendable {
    private var bytes = InlineArray<capacity, UInt8>(repeating: 0)
    private var count = 0
    private var crc = CRC32()

    public init() {}

    public var frame: Span<UInt8> {
        @_lifetime(borrow self) get { bytes.span.extracting(0..<count) }
    }

    public mutating func begin(_ kind: Frame.Kind, offset: UInt32) {
        (count, crc) = (1, CRC32())
        bytes[0] = Frame.start
        add(kind.rawValue)
        add(word: offset)
    }

    public mutating func add(_ byte: UInt8) {
        crc.add(byte)
        put(byte)
    }

    public mutating func add(word: UInt32) {
        var rest = word
        for _ in 0..<4 {
            add(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
    }

    public mutating func end() {
        var rest = crc.value
        for _ in 0..<4 {
            put(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
        bytes[count] = Frame.end
        count += 1
    }

    private mutating func put(_ byte: UInt8) {
        if Frame.isEscaped(byte) {
            bytes[count] = Frame.escape
            count += 1
        }
        bytes[count] = Frame.isEscaped(byte) ? byte ^ Frame.flip : byte
        count += 1
    }
}
