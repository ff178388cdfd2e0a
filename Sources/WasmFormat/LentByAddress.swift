// What makes the compiler lend a structure by its address.

/// A field of no bytes that has no representation in registers. A structure with it is lent to a function by its address; without it each call that only reads
/// gets a copy, in a place of its own in the caller's frame: hundreds of bytes of native stack in each of several frames.
///
/// Public and inlinable only because Embedded Swift, which needs the deinit wherever a value ends, finds no other one of another module.
@_rawLayout(size: 0, alignment: 4)
@frozen public struct LentByAddress: ~Copyable {
    @inlinable public init() {}
    @inlinable deinit {}
}
