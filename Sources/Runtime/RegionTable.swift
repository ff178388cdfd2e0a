// How many regions there are: the pool and, at the same time, this many modules less one.

#if _pointerBitWidth(_64) || ManyModules
/// 24 bytes a region, 16 on 32-bit machines.
typealias RegionTable = InlineArray<64, Region>
#else
/// 16 bytes a region.
typealias RegionTable = InlineArray<8, Region>
#endif
