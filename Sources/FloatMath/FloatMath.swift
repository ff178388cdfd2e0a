// The float operations of WebAssembly that no core does exactly, in integer code over bit patterns.

/// Exact float operations on bit patterns: `UInt32` is an f32, `UInt64` an f64.
///
///            sign  exponent             fraction (its top bit makes a NaN quiet)
///     f32    31    30…23  bias   127    22…0
///     f64    63    62…52  bias  1023    51…0
///
/// Nothing here uses a float register, a float instruction, libm or memory, so an operation gives the same bits on the
/// host, on a core with an FPU and on one without. NaN results follow the specification's `nans` rule (4.3.3, "NaN
/// Propagation"): an operand's payload with the quiet bit set, so canonical NaNs give canonical ones; an operation
/// that makes a NaN out of numbers gives the positive canonical one.
package enum FloatMath {
    /// The positive canonical NaN of f32.
    package static var canonicalNaN32: UInt32 { 0x7fc0_0000 }
    /// The positive canonical NaN of f64.
    package static var canonicalNaN64: UInt64 { 0x7ff8_0000_0000_0000 }

    /// Whether an f32 is a NaN of any kind.
    @inline(always)
    package static func isNaN(_ bits: UInt32) -> Bool { bits & 0x7fff_ffff > 0x7f80_0000 }

    /// Whether an f64 is a NaN of any kind.
    @inline(always)
    package static func isNaN(_ bits: UInt64) -> Bool { bits & 0x7fff_ffff_ffff_ffff > 0x7ff0_0000_0000_0000 }

    /// A NaN of f32 as an arithmetic one: sign and payload stay, the quiet bit is set.
    @inline(always)
    package static func quiet(_ nan: UInt32) -> UInt32 { nan | 0x0040_0000 }

    /// A NaN of f64 as an arithmetic one: sign and payload stay, the quiet bit is set.
    @inline(always)
    package static func quiet(_ nan: UInt64) -> UInt64 { nan | 0x0008_0000_0000_0000 }
}
