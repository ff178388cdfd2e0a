// What the values of a configuration must be to each other, to the board's regions, and to the firmware's own bytes.

extension StaticConfiguration {
    /// Bytes at the start of the pool for the runtime: its root, 4 modules, and each pool.
    private var runtimeBytes: UInt64 { (36 + 20 * (4 + (secondPool == nil ? 1 : 2)) + 7) & ~7 }
    /// An execution environment, with its block.
    private var environmentBytes: UInt64 { UInt64(operandStack ?? 64) + 68 }
    var operandStackIsInSecond: Bool { secondPool.map { $0.uses != Set(SecondPoolUse.allCases) && $0.uses.contains(.operandStack) } ?? false }

    /// Needs no board.
    func checkTogether() throws(FileError) {
        if secondPool == nil {
            for key in [ConfigurationKey.secondPoolRegion, .secondPoolUse] where lines[key] != nil {
                throw error(key, "there is no second pool: set second-pool too, or remove this line")
            }
        }
        // Where everything lies is then the linker's business; that the operand stack has room is ours.
        if let second = secondPool, operandStackIsInSecond, environmentBytes > second.bytes {
            throw tooSmall(.secondPool, second.bytes, needs: environmentBytes)
        }
        let needs = runtimeBytes + (operandStackIsInSecond ? 0 : environmentBytes)
        if let pool, needs > pool { throw tooSmall(.pool, pool, needs: needs) }
    }

    /// Of a pool that has the operand stack in it: the first one is too small only then, as its least size holds the runtime.
    private func tooSmall(_ key: ConfigurationKey, _ bytes: UInt32, needs: UInt64) -> FileError {
        let stack = UInt64(operandStack ?? 64), what = "an operand stack of \(ByteSize.grouped(stack))"
        return error(
            key, "\(ByteSize.grouped(UInt64(bytes))) bytes do not hold \(key == .pool ? "the runtime and \(what), which take" : "\(what), which takes")"
                + " \(ByteSize.grouped(needs)): use \((needs + 7) & ~7) or more" + (stack > 64 ? ", or a smaller operand-stack" : ""))
    }

    /// Checks regions and sizes against a board. `firmwareBytes` is what the firmware has in each RAM region by itself, its .data and .bss. Before it
    /// is built it can be left out. Throws `FileError`, which blames the line that asks for most.
    public func check(against map: MemoryMap, firmwareBytes: [String: UInt64] = [:]) throws(FileError) {
        try checkRegion(.poolRegion, poolRegion, of: map, kind: "RAM", map.ram)
        if let secondPool { try checkRegion(.secondPoolRegion, secondPool.region, of: map, kind: "RAM", map.ram) }
        if let moduleRegion { try checkRegion(.moduleRegion, moduleRegion, of: map, kind: "flash", map.flash) }
        for region in map.ram { try checkFit(region, of: map, firmwareBytes: firmwareBytes[region.name] ?? 0) }
    }

    private func checkRegion(_ key: ConfigurationKey, _ name: String, of map: MemoryMap, kind: String, _ regions: [MemoryMap.Region]) throws(FileError) {
        if regions.contains(where: { $0.name == name }) { return }
        let listed = regions.map { "\($0.name) (\(ByteSize.short($0.bytes)))" }.joined(separator: ", ")
        let what = map.region(named: name) == nil ? "the board has no region \(name)" : "\(name) is not \(kind)"
        throw error(key, "\(what): its \(kind) is \(listed) (\(map.file))")
    }

    private func checkFit(_ region: MemoryMap.Region, of map: MemoryMap, firmwareBytes: UInt64) throws(FileError) {
        var parts: [(name: String, bytes: UInt64, key: ConfigurationKey?)] = []
        if region.name == MemoryMap.mainRAM {
            parts.append(("native stack", nativeStack.map(UInt64.init) ?? map.stackBytes, nativeStack == nil ? nil : .nativeStack))
        }
        if firmwareBytes > 0 { parts.append(("firmware's .data and .bss", (firmwareBytes + 7) & ~7, nil)) }
        if let secondPool, secondPool.region == region.name { parts.append(("second pool", UInt64(secondPool.bytes), .secondPool)) }
        if poolRegion == region.name {
            // A pool without size takes the rest, which must be enough.
            let least = ("pool, at least", runtimeBytes + (operandStackIsInSecond ? 0 : environmentBytes), lines[.operandStack] == nil ? nil : ConfigurationKey.operandStack)
            parts.append(pool.map { ("pool", UInt64($0), .pool) } ?? least)
        }
        let sum = parts.reduce(0) { $0 + $1.bytes }
        guard sum > region.bytes else { return }
        let listed = parts.map { "\($0.name) \(ByteSize.grouped($0.bytes))" }.joined(separator: ", ")
        let text = "\(region.name) has \(ByteSize.grouped(region.bytes)) bytes, and these take \(ByteSize.grouped(sum)): \(listed)"
        guard let blamed = parts.filter({ $0.key != nil }).max(by: { $0.bytes < $1.bytes }), let key = blamed.key else {
            throw FileError(map.file, line: region.name == MemoryMap.mainRAM ? map.stackLine : region.line, "\(text): set a smaller native-stack or operand-stack in \(file)")
        }
        let remedy = sum - blamed.bytes < region.bytes ? "lower it by \(sum - region.bytes) or more" : "without it they are still too many: lower the others too"
        // The native stack is in the main RAM on every board.
        throw error(key, "\(text): \(remedy)" + (key == .nativeStack ? "" : ", or use another region"))
    }
}
