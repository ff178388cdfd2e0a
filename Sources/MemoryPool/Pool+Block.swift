// Blocks of the pool: the header, the boundary tag, and what is checked before either is believed.
//
//     header   31                        6 5     2    1       0
//             ┌───────────────────────────┬───────┬────────┬──────┐
//             │ units of 8, header counted │ check │ before │ free │
//             └───────────────────────────┴───────┴────────┴──────┘
//
//     in use   │ header │ payload: 8 · units − 4 bytes                      │
//     free     │ header │ next │ previous │  …                      │ units │
//
// "before" says that the block before is free; only then does the word in front of the header hold its units. A free
// block never follows another one. The check is over the header's other bits and its place.

extension Pool {
    static var free: UInt32 { 1 }
    static var before: UInt32 { 2 }
    /// Stands for the check bits in a header that was read and found sound.
    static var sound: UInt32 { 4 }
    static var unitsShift: UInt32 { 6 }

    /// The four check bits, in place. Any change of one bit of the header is noticed, fifteen in sixteen of all others.
    @inline(always)
    static func check(_ plain: UInt32, of block: UInt32) -> UInt32 {
        var sum = plain ^ block &<< 6
        sum ^= sum &>> 16
        sum ^= sum &>> 8
        sum ^= sum &>> 4
        // Turned by a constant, so that neither zeroed nor erased memory looks like a header at every place.
        return ((sum ^ 0xA) & 0xF) &<< 2
    }

    /// The header of a block with `sound` in place of the check bits; 0 if it is damaged or no block can be there.
    @inline(never)
    func header(of block: UInt32) -> UInt32 { soundHeader(of: block) }

    /// The same where each allocation passes.
    @inline(__always)
    func soundHeader(of block: UInt32) -> UInt32 {
        guard block <= end else { return 0 }
        // Safety: the sentinel's header is the buffer's last but one word, or the last.
        let word = unsafe base.load(fromByteOffset: Int(truncatingIfNeeded: block &* 8 &+ 4), as: UInt32.self)
        let plain = word & ~0x3C
        return word == plain | Pool.check(plain, of: block) ? plain | Pool.sound : 0
    }

    @inline(never)
    func setHeader(of block: UInt32, units: UInt32, flags: UInt32) { putHeader(of: block, units: units, flags: flags) }

    /// The same where each allocation passes.
    @inline(__always)
    func putHeader(of block: UInt32, units: UInt32, flags: UInt32) {
        let plain = units &<< Pool.unitsShift | flags
        store(plain | Pool.check(plain, of: block), at: block &* 8 &+ 4)
    }

    @inline(never)
    func units(of block: UInt32) -> UInt32 {
        header(of: block) &>> Pool.unitsShift
    }

    /// Tells the block whether its neighbour before is free. A damaged header stays one.
    func setBefore(_ isFree: Bool, of block: UInt32) {
        let old = load(block &* 8 &+ 4)
        // The check is a sum of the header's bits: with this one the check bit turns that counts it.
        if (old & Pool.before != 0) != isFree { store(old ^ (Pool.before | Pool.before &<< 2), at: block &* 8 &+ 4) }
    }

    func isSoundFree(_ block: UInt32) -> Bool { soundUnits(block) != 0 }

    /// The units of a free block that is what it seems: header, boundary tag, both neighbours in its list, the block behind it. 0 if something is wrong.
    @inline(never)
    func soundUnits(_ block: UInt32) -> UInt32 {
        guard isPlace(block) else { return 0 }
        let front = soundHeader(of: block)
        let count = front &>> Pool.unitsShift
        guard front & 7 == Pool.sound | Pool.free, count >= 2, count <= end &- block,
              load((block &+ count) &* 8) == count,
              soundHeader(of: block &+ count) & 7 == Pool.sound | Pool.before
        else { return 0 }
        let following = next(of: block), preceding = previous(of: block)
        guard following == 0 || looksFree(following) && previous(of: following) == block,
              preceding == 0 ? head(ofClass: Pool.classOf(count)) == block : looksFree(preceding) && next(of: preceding) == block
        else { return 0 }
        return count
    }

    /// Whether a sound header of a free block is at this unit.
    @inline(never)
    func looksFree(_ block: UInt32) -> Bool {
        isPlace(block) && header(of: block) & 7 == Pool.sound | Pool.free
    }

    /// Whether a block's header may be at this unit.
    func isPlace(_ block: UInt32) -> Bool {
        block >= first && block < end
    }

    /// The block in use whose payload is at `offset`, its header and neighbours checked.
    @inline(never)
    func blockInUse(_ offset: UInt32) throws(PoolError) -> UInt32 {
        let block = (offset &>> 3) &- 1
        guard offset & 7 == 0, isPlace(block) else { throw .foreign }
        let front = header(of: block)
        if front & Pool.free != 0 { throw .doubleFree }
        let count = front &>> Pool.unitsShift
        guard front != 0, count >= 2, count <= end &- block,
              header(of: block &+ count) & (Pool.sound | Pool.before) == Pool.sound,
              front & Pool.before == 0 || freeBefore(block) != 0
        else { throw diagnosis(block) }
        return block
    }

    /// The free block in front of one whose header says that there is one; 0 if what is there is damaged.
    @inline(never)
    func freeBefore(_ block: UInt32) -> UInt32 {
        let count = load(block &* 8)
        guard count >= 2, count <= block &- first, units(of: block &- count) == count,
              isSoundFree(block &- count) else { return 0 }
        return block &- count
    }

    /// Tells a damaged block from a place that never was one, by a walk: only where something is wrong already.
    private func diagnosis(_ block: UInt32) -> PoolError {
        var place = first
        while place < block {
            let count = units(of: place)
            guard count >= 2, count <= end &- place else { return .corrupt }
            place &+= count
        }
        return place == block ? .corrupt : .foreign
    }
}
