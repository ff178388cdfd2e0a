// What register code means, as a number: code of one number cannot run in a build of another.

/// Stands in every pool and saved pool, beside the code that was translated into it.
package enum CodeNumber {
    /// A hash of the names, values and fields of all instructions; a test computes it, and says what to write here when it changed. A change of what an
    /// instruction does, without one of these, is entered by raising `edition`.
    package static var value: UInt32 { 0x732d_f13f }
    /// Counts the changes of meaning that names and fields do not show.
    package static var edition: UInt32 { 2 }
}
