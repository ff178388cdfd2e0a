// Which instructions are floating point's, and what becomes of them in a build without the trait.

extension Opcode {
    /// Whether the instruction names f32 or f64.
    package var isFloat: Bool {
        switch rawValue {
        case 0x2a, 0x2b, 0x38, 0x39, 0x43, 0x44,    // loads, stores, constants
             0x5b...0x66, 0x8b...0xa6,              // comparisons, arithmetic
             0xa8...0xab, 0xae...0xbf:              // conversions, reinterpretations
            true
        default: false
        }
    }
}

extension PrefixedOpcode {
    /// The saturating conversions; they come before all others.
    package var isFloat: Bool { rawValue < PrefixedOpcode.memoryInit.rawValue }
}

// What a build needs for an instruction and has not. Without the trait every float instruction is refused where it is read, in constant
// expressions too. Types are no instructions: parameters, results, locals and globals may be floats, and are moved as the bits that they are.
#if FloatingPoint
extension Opcode {
    @inline(__always) var missingFeature: LoadError.Feature? { nil }
}

extension PrefixedOpcode {
    @inline(__always) var missingFeature: LoadError.Feature? { nil }
}
#else
extension Opcode {
    var missingFeature: LoadError.Feature? { isFloat ? .floatingPoint : nil }
}

extension PrefixedOpcode {
    var missingFeature: LoadError.Feature? { isFloat ? .floatingPoint : nil }
}
#endif
