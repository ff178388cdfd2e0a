// Reads opcodes, and says of the others which feature they belong to.

extension ByteReader {
    /// One opcode. Throws `.illegalOpcode`, or `.featureMissing` for the opcodes of later features and of traits that this build leaves out.
    @_lifetime(self: copy self)
    package mutating func opcode() throws(LoadError) -> Opcode {
        let at = offset
        let byte = try byte()
        guard let opcode = Opcode(byte: byte) else { throw Opcode.rejection(of: byte, at: at) }
        if let feature = opcode.missingFeature { throw LoadError(missing: feature, at: at) }
        return opcode
    }

    /// What follows the byte 0xfc. `start` is that byte's offset, for the error.
    @_lifetime(self: copy self)
    package mutating func prefixedOpcode(prefixAt start: UInt32) throws(LoadError) -> PrefixedOpcode {
        let number = try u32()
        guard number <= 0xff, let opcode = PrefixedOpcode(rawValue: UInt8(truncatingIfNeeded: number)) else {
            // i64.add128, i64.sub128, i64.mul_wide_s, i64.mul_wide_u
            if number >= 19 && number <= 22 { throw LoadError(missing: .wideArithmetic, at: start) }
            throw LoadError(.illegalOpcode, at: start)
        }
        if let feature = opcode.missingFeature { throw LoadError(missing: feature, at: start) }
        return opcode
    }
}

extension Opcode {
    /// The same as `init(rawValue:)`, which the compiler makes 820 bytes of Thumb-2 code.
    ///
    /// The bytes of the opcodes are seven unbroken runs; the cases are declared in their order, so that a case's place
    /// in the declaration is the byte less the gaps before it. A test compares all 256 bytes with `init(rawValue:)`.
    package init?(byte: UInt8) {
        let gaps: UInt8
        switch byte {
        case 0x28...0xc4: gaps = 17
        case 0x20...0x26: gaps = 16
        case 0x00...0x05: gaps = 0
        case 0x0b...0x11: gaps = 5
        case 0x1a...0x1c: gaps = 13
        case 0xd0...0xd2: gaps = 28
        case 0xfc: gaps = 69
        default: return nil
        }
        // Safety: an enum without payloads is stored as its case's number in the declaration, and the switch above
        // leaves only numbers of cases (0…183).
        self = unsafe unsafeBitCast(byte &- gaps, to: Opcode.self)
    }

    /// The error for a byte that is no opcode of ours.
    @inline(never)
    static func rejection(of byte: UInt8, at offset: UInt32) -> LoadError {
        switch byte {
        case 0x06...0x0a, 0x18, 0x19, 0x1f: LoadError(missing: .exceptions, at: offset)
        case 0x12, 0x13: LoadError(missing: .tailCalls, at: offset)
        case 0x14, 0x15, 0xd4...0xd6: LoadError(missing: .functionReferences, at: offset)
        case 0xd3, 0xfb: LoadError(missing: .garbageCollection, at: offset)
        case 0xfd: LoadError(missing: .simd, at: offset)
        case 0xfe: LoadError(missing: .threads, at: offset)
        default: LoadError(.illegalOpcode, at: offset)
        }
    }
}
