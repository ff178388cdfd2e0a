// Changing a block's size where it lies.

extension Pool {
    /// Shrinks a block, or grows it into the free block behind it. The contents stay; new bytes are not zeroed.
    ///
    /// What a shrink leaves goes back and is merged, unless it is 8 bytes in front of a block in use. `false`, and nothing
    /// changed, if the space behind does not suffice or the offset or its headers are wrong.
    package mutating func resize(_ offset: UInt32, to bytes: UInt32) -> Bool {
        guard var needed = unitsNeeded(bytes), let block = try? blockInUse(offset) else { return false }
        let front = header(of: block)
        let count = front &>> Pool.unitsShift
        let behind = block &+ count
        let behindIsFree = header(of: behind) & Pool.free != 0
        if behindIsFree, !isSoundFree(behind) { return false }
        let total = behindIsFree ? count &+ units(of: behind) : count

        guard needed <= total else { return false }
        if needed &+ 1 == total { needed = total }
        if needed != count {
            if behindIsFree { unlink(behind) }
            // The flag that says whether the block before is free must survive.
            setHeader(of: block, units: needed, flags: front & Pool.before)
            if needed < total {
                makeFree(block &+ needed, units: total &- needed)
            } else {
                setBefore(false, of: block &+ total)
            }
            add(needed &- count)
        }
        notePeak()
        return true
    }

    /// The largest payload that `resize` could give a block now; 0 if there is no such block. Changes nothing.
    package func room(of offset: UInt32) -> UInt32 {
        guard let block = try? blockInUse(offset) else { return 0 }
        let count = units(of: block)
        let behind = block &+ count
        guard header(of: behind) & Pool.free != 0, isSoundFree(behind) else { return count &* 8 &- 4 }
        return (count &+ units(of: behind)) &* 8 &- 4
    }

    /// Extends a block by at least `bytes` into the free block before it and returns the new, lower payload offset.
    ///
    /// The contents are not moved: they still begin at the old offset. The new bytes are not zeroed. 8 bytes more are taken
    /// if they would be left alone. `nil`, and nothing changed, if the space does not suffice or a header is wrong.
    package mutating func growDownward(_ offset: UInt32, by bytes: UInt32) -> UInt32? {
        guard bytes <= length, let block = try? blockInUse(offset) else { return nil }
        var more = (bytes &+ 7) &>> 3
        if more == 0 { return offset }
        let front = header(of: block)
        guard front & Pool.before != 0 else { return nil }
        let room = load(block &* 8)
        guard more <= room else { return nil }
        if more &+ 1 == room { more = room }

        let start = block &- more
        unlink(block &- room)
        // The old header is payload from now on and must not pass for a block.
        store(0, at: block &* 8 &+ 4)
        setHeader(of: start, units: front &>> Pool.unitsShift &+ more, flags: 0)
        if more < room { makeFree(block &- room, units: room &- more) }
        add(more)
        notePeak()
        return start &* 8 &+ 8
    }

    /// Grows a block to at least `bytes`, into the free block behind it and where that does not suffice into the one before it, and returns its
    /// payload's new offset. The contents are not moved: they still begin at the old offset. `nil`, and nothing changed, if there is no such room.
    package mutating func growBothWays(_ offset: UInt32, to bytes: UInt32) -> UInt32? {
        let room = room(of: offset)
        guard room > 0, bytes <= length else { return nil }
        if bytes <= room { return resize(offset, to: bytes) ? offset : nil }
        guard header(of: (offset &>> 3) &- 1) & Pool.before != 0, (bytes &- room &+ 7) &>> 3 <= load(offset &- 8), resize(offset, to: room) else { return nil }
        return growDownward(offset, by: bytes &- room)
    }

    /// Moves a block, contents and all, to the upper end of the free block behind it, and returns its payload's new offset.
    ///
    /// What it leaves merges with a free block before it. `nil`, and nothing changed, if nothing is free behind it or a header is wrong.
    package mutating func slideUp(_ offset: UInt32) -> UInt32? {
        guard let block = try? blockInUse(offset) else { return nil }
        let front = header(of: block)
        let count = front &>> Pool.unitsShift
        let behind = block &+ count
        guard header(of: behind) & Pool.free != 0, isSoundFree(behind) else { return nil }
        let room = units(of: behind)
        unlink(behind)
        var start = block
        if front & Pool.before != 0 {
            start &-= load(block &* 8)
            unlink(start)
        }
        let to = block &+ room
        // Before any header is written: they may lie in what is still to be moved. The ranges may overlap.
        unsafe address(of: to &* 8 &+ 8).copyMemory(from: address(of: offset), byteCount: Int(truncatingIfNeeded: count &* 8 &- 4))
        store(0, at: block &* 8 &+ 4)
        setHeader(of: to, units: count, flags: 0)
        setBefore(false, of: to &+ count)
        makeFree(start, units: to &- start)
        return to &* 8 &+ 8
    }

    /// Moves a block, contents and all, to the lower end of the free block before it. As `slideUp`.
    package mutating func slideDown(_ offset: UInt32) -> UInt32? {
        let bytes = size(of: offset)
        guard bytes > 0, header(of: (offset &>> 3) &- 1) & Pool.before != 0 else { return nil }
        let peak = peak
        guard let to = growDownward(offset, by: load(offset &- 8) &* 8) else { return nil }
        unsafe address(of: to).copyMemory(from: address(of: offset), byteCount: Int(truncatingIfNeeded: bytes))
        _ = resize(to, to: bytes)
        // In between the block had both places: no more was needed.
        store(peak, at: Pool.peakOffset)
        return to
    }

    /// The block behind the one with this payload offset: whether it is free, and its payload's offset and bytes. 0: the first one.
    /// nil behind the last one, or if a header is damaged. A walk of the pool.
    package func next(behind offset: UInt32) -> (offset: UInt32, bytes: UInt32, isFree: Bool)? {
        var block = first
        if offset != 0 {
            guard offset & 7 == 0, isPlace((offset &>> 3) &- 1) else { return nil }
            block = (offset &>> 3) &- 1
            block &+= max(units(of: block), 1)
        }
        let count = units(of: block)
        guard block < end, count >= 2, count <= end &- block else { return nil }
        return (block &* 8 &+ 8, count &* 8 &- 4, header(of: block) & Pool.free != 0)
    }

    /// Payload bytes of a block that its owner knows to be one: read from its header, without a look at its neighbours. 0 if the header is damaged.
    package func bytes(ofBlock offset: UInt32) -> UInt32 { unsafe Pool.bytes(ofBlock: offset, in: base, length: length) }

    /// The same without a view of the pool.
    package static func bytes(ofBlock offset: UInt32, in base: UnsafeMutableRawPointer, length: UInt32) -> UInt32 {
        guard offset >= 8, offset < length else { return 0 }
        // Safety: the word in front of a payload that lies inside the buffer.
        let word = unsafe base.load(fromByteOffset: Int(truncatingIfNeeded: offset &- 4), as: UInt32.self)
        let plain = word & ~0x3C
        guard word == plain | check(plain, of: (offset &>> 3) &- 1), plain >= 2 &<< Pool.unitsShift else { return 0 }
        return plain &>> Pool.unitsShift &* 8 &- 4
    }

    /// Payload bytes of a block in use, at least what was asked for; 0 if there is no such block.
    package func size(of offset: UInt32) -> UInt32 {
        guard let block = try? blockInUse(offset) else { return 0 }
        return units(of: block) &* 8 &- 4
    }

    /// Where a payload lies now. The pointer ends with the block or the buffer, whichever is first.
    package func address(of offset: UInt32) -> UnsafeMutableRawPointer {
        precondition(offset < length)
        // Safety: inside the buffer, checked above.
        return unsafe base + Int(truncatingIfNeeded: offset)
    }
}
