// Why the pool refuses an offset.

/// What `Pool.free` found wrong. Nothing was changed when it is thrown.
package enum PoolError: Error {
    /// The offset was a block's, and the block is free already.
    case doubleFree
    /// The offset is not the payload of any block: unaligned, outside the pool, or inside another block.
    case foreign
    /// A header, a boundary tag or a link near the block was overwritten: something wrote past its own block.
    case corrupt
}
