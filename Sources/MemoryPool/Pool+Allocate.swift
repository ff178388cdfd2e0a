// Allocating and freeing.

extension Pool {
    /// Bytes of the pool that a block with a payload of `bytes` takes, its header included.
    package static func blockBytes(_ bytes: UInt64) -> UInt64 { max(16, (bytes + 11) & ~7) }

    /// The units of a block with a payload of `bytes`; `nil` if no pool of this length could hold it.
    ///
    /// The comparison comes first, so that no size wraps to a small one.
    func unitsNeeded(_ bytes: UInt32) -> UInt32? {
        guard bytes <= length else { return nil }
        let count = (bytes &+ 11) &>> 3
        return count < 2 ? 2 : count
    }

    /// Allocates at least `bytes` bytes and returns the payload's offset: a multiple of 8, never 0. Not zeroed.
    ///
    /// Succeeds whenever anything is free and `bytes <= largestFree`. A block costs 4 bytes of header and is 12, 20,
    /// 28 … bytes large; size 0 gives the smallest. `nil` leaves everything as it was.
    package mutating func allocate(_ bytes: UInt32, at place: Place = .top) -> UInt32? {
        guard let needed = unitsNeeded(bytes) else { return nil }
        let found = place == .top ? fit(needed) : largest()
        // Where nothing was found, no units were.
        guard found.units >= needed else { return nil }
        let offset = take(found.block, of: found.units, units: needed, at: place)
        notePeak()
        return offset
    }

    /// Takes the whole largest free block: room for a translator that gives the rest back with `resize`.
    ///
    /// `bytes` is what `largestFree` was. Raises `inUse` but not `peak`: what its owner does not use was never needed.
    /// The owner's first `resize`, to the bytes that it used at most, enters them in `peak`.
    package mutating func allocateLargest() -> (offset: UInt32, bytes: UInt32)? {
        let found = largest()
        guard found.units != 0 else { return nil }
        return (take(found.block, of: found.units, units: found.units, at: .top), found.units &* 8 &- 4)
    }

    /// Payload bytes of a block that was just taken: its header is the pool's own.
    package func bytes(justTaken offset: UInt32) -> UInt32 { load(offset &- 4) &>> Pool.unitsShift &* 8 &- 4 }

    /// Cuts `needed` units out of a sound free block that holds them, and returns the payload's offset.
    @inline(never)
    private mutating func take(_ block: UInt32, of count: UInt32, units needed: UInt32, at place: Place) -> UInt32 {
        let rest = count &- needed
        // Mostly the block is a large one, and what is left of it belongs into the same list: it stays there.
        if rest >= 2, Pool.classOf(rest) == Pool.classOf(count) {
            if place == .top {
                let used = block &+ rest
                putHeader(of: used, units: needed, flags: Pool.before)
                setBefore(false, of: block &+ count)
                putHeader(of: block, units: rest, flags: Pool.free)
                store(rest, at: used &* 8)
                add(needed)
                return used &* 8 &+ 8
            }
            // And mostly it is alone in it: the list's head alone has to move with what is left.
            if next(of: block) | previous(of: block) == 0 {
                let left = block &+ needed
                putHeader(of: block, units: needed, flags: 0)
                putHeader(of: left, units: rest, flags: Pool.free)
                store(0, at: left &* 8 &+ 8)
                store(0, at: left &* 8 &+ 12)
                store(rest, at: (left &+ rest) &* 8)
                setHead(left, ofClass: Pool.classOf(rest))
                add(needed)
                return block &* 8 &+ 8
            }
        }
        unlink(block)
        if rest < 2 {
            setHeader(of: block, units: count, flags: 0)
            setBefore(false, of: block &+ count)
            add(count)
            return block &* 8 &+ 8
        }
        let used = place == .top ? block &+ rest : block
        setHeader(of: used, units: needed, flags: 0)
        if place == .top { setBefore(false, of: block &+ count) }
        makeFree(place == .top ? block : block &+ needed, units: rest)
        add(needed)
        return used &* 8 &+ 8
    }

    /// Gives a block back and merges it with free neighbours at once. Constant time, but for the search after an error.
    ///
    /// - Throws: `.doubleFree`, `.foreign` or `.corrupt`; then nothing was changed.
    package mutating func free(_ offset: UInt32) throws(PoolError) {
        var block = try blockInUse(offset)
        let front = header(of: block)
        let count = front &>> Pool.unitsShift
        let behind = block &+ count
        let behindIsFree = header(of: behind) & Pool.free != 0
        if behindIsFree, !isSoundFree(behind) { throw .corrupt }

        // The header may end up inside a merged block; there it still tells a second free of the same offset.
        setHeader(of: block, units: count, flags: Pool.free)
        var total = count
        if behindIsFree {
            total &+= units(of: behind)
            unlink(behind)
        }
        if front & Pool.before != 0 {
            let preceding = load(block &* 8)
            block &-= preceding
            total &+= preceding
            unlink(block)
        }
        makeFree(block, units: total)
        add(0 &- count)
    }

    /// Counts units that went into use; a negative number, wrapped, counts those that came back.
    @inline(never)
    func add(_ units: UInt32) {
        store(inUse &+ units &* 8, at: Pool.inUseOffset)
    }

    @inline(never)
    func notePeak() {
        let now = inUse
        if now > peak { store(now, at: Pool.peakOffset) }
    }
}
