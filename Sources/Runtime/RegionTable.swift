// How many regions there are: the pool and, at the same time, this many modules less one.

#if _pointerBitWidth(_64)
/// 24 bytes a region.
typealias RegionTable = InlineArray<64, Region>
#else
/// 16 bytes a region.
typealias RegionTable = InlineArray<8, Region>
#endif
