// The free lists: four classes for each power of two, a bit for each list that is not empty.
//
// Up to 7 units each size has its own class; above, a class spans an eighth to a quarter of its sizes. Bits and heads
// are as many as the pool's length needs, and a head takes two bytes in pools below 512 KB:
//
//     pool              4 KB   16 KB   64 KB   256 KB   1 MB   512 MB
//     classes             30      38      46       54     62       98
//     control block       76     92      116      132    268      420   bytes, with the padding to the first header

extension Pool {
    /// The class of a free block of at least 2 units.
    @inline(never)
    static func listClass(_ units: UInt32) -> UInt32 { classOf(units) }

    /// The same where each allocation passes.
    @inline(__always)
    static func classOf(_ units: UInt32) -> UInt32 {
        let top = 31 &- UInt32(truncatingIfNeeded: units.leadingZeroBitCount)
        let shift = top > 2 ? top &- 2 : 0
        return shift &* 4 &+ (units &>> shift) &- 2
    }

    func listClass(_ units: UInt32) -> UInt32 { Pool.listClass(units) }

    var classCount: UInt32 { listClass(end) &+ 1 }
    var bitmapWords: UInt32 { (headsOffset &- Pool.bitmapOffset) &>> 2 }
    /// Heads are units: half words reach all of them below 512 KB.
    var headShift: UInt32 { end < 0x1_0000 ? 1 : 2 }

    /// The first block of a list; 0 if it is empty.
    @inline(never)
    func head(ofClass list: UInt32) -> UInt32 {
        let offset = headsOffset &+ list &<< headShift
        return headShift == 1 ? loadHalf(offset) : load(offset)
    }

    /// Makes `block` the first of a list; 0 empties it. Keeps the list's bit.
    @inline(never)
    func setHead(_ block: UInt32, ofClass list: UInt32) {
        let offset = headsOffset &+ list &<< headShift
        if headShift == 1 { storeHalf(block, at: offset) } else { store(block, at: offset) }
        let word = Pool.bitmapOffset &+ (list &>> 5) &* 4
        let bit: UInt32 = 1 &<< (list & 31)
        store(block == 0 ? load(word) & ~bit : load(word) | bit, at: word)
    }

    func next(of block: UInt32) -> UInt32 { load(block &* 8 &+ 8) }
    func previous(of block: UInt32) -> UInt32 { load(block &* 8 &+ 12) }

    /// The lowest class from `list` on that is not empty; `nil` above the last one.
    func classNotEmpty(from list: UInt32) -> UInt32? {
        var word = list &>> 5
        var mask = UInt32.max &<< (list & 31)
        while word < bitmapWords {
            let bits = load(Pool.bitmapOffset &+ word &* 4) & mask
            if bits != 0 { return word &* 32 &+ UInt32(truncatingIfNeeded: bits.trailingZeroBitCount) }
            mask = UInt32.max
            word &+= 1
        }
        return nil
    }

    /// A free block of at least `units`, the smallest that a short look finds, and its units; 0 and 0 if there is none.
    ///
    /// Any block of a higher class fits, so eight of the own class are looked at for a closer fit. Without a higher class
    /// the own list is walked to its end: an allocation that could succeed does.
    func fit(_ units: UInt32) -> (block: UInt32, units: UInt32) {
        let list = Pool.classOf(units)
        let higher = classNotEmpty(from: list &+ 1)
        var found: (block: UInt32, units: UInt32) = (0, 0)
        var looks: UInt32 = higher == nil ? end : 8
        var block = head(ofClass: list)
        while block != 0, looks != 0 {
            let count = soundUnits(block)
            if count >= units, found.units == 0 || count < found.units { found = (block, count) }
            if count == 0 || count == units { break }
            block = next(of: block)
            looks &-= 1
        }
        guard found.units == 0, let higher else { return found }
        block = head(ofClass: higher)
        let count = soundUnits(block)
        return count >= units ? (block, count) : (0, 0)
    }

    /// The largest free block and its units; 0 and 0 if nothing is free. It is in the highest class in use, whose list is walked.
    @inline(never)
    func largest() -> (block: UInt32, units: UInt32) {
        var word = bitmapWords
        while word != 0 {
            word &-= 1
            let bits = load(Pool.bitmapOffset &+ word &* 4)
            guard bits != 0 else { continue }
            var found: (block: UInt32, units: UInt32) = (0, 0), looks = end
            var block = head(ofClass: word &* 32 &+ 31 &- UInt32(truncatingIfNeeded: bits.leadingZeroBitCount))
            // Overwritten links can form a ring: there are fewer blocks than units.
            while looks != 0, case let count = soundUnits(block), count != 0 {
                if count > found.units { found = (block, count) }
                block = next(of: block)
                looks &-= 1
            }
            return found
        }
        return (0, 0)
    }

    /// Writes a free block whose neighbours are in use, and puts it first in its list.
    @inline(never)
    func makeFree(_ block: UInt32, units: UInt32) {
        setHeader(of: block, units: units, flags: Pool.free)
        store(units, at: (block &+ units) &* 8)
        setBefore(true, of: block &+ units)
        let list = listClass(units)
        var following = head(ofClass: list)
        // A damaged head is dropped, not followed: what it would name is not ours to write.
        if !looksFree(following) { following = 0 }
        store(following, at: block &* 8 &+ 8)
        store(0, at: block &* 8 &+ 12)
        if following != 0 { store(block, at: following &* 8 &+ 12) }
        setHead(block, ofClass: list)
    }

    /// Takes a free block that `isSoundFree` has passed out of its list. Its header stays as it is.
    @inline(never)
    func unlink(_ block: UInt32) {
        let following = next(of: block), preceding = previous(of: block)
        if following != 0 { store(preceding, at: following &* 8 &+ 12) }
        if preceding != 0 {
            store(following, at: preceding &* 8 &+ 8)
        } else {
            setHead(following, ofClass: listClass(units(of: block)))
        }
    }
}
