// The power goes, within every operation: after the start there is the old module or the new one, whole; and the next installation works.

import ModuleStore
import Testing

@Suite struct PowerCutTests {
    static let geometries = [Geometry(), Geometry(writeUnit: 8), Geometry(eraseUnit: 128, writeUnit: 32, isRewritable: false, slotBytes: 256)]
    /// Three erase units of the smallest.
    private static let length = 130
    private static let (old, new, third) = (module(1, length), module(2, length - 7), module(3, length - 30))

    /// A flash on which `old` was installed first or later, and runs.
    private static func world(_ geometry: Geometry, before: Int, seed: Int) throws -> SimulatedFlash {
        var store = geometry.store(geometry.flash(seed: seed, used: true))
        for number in 0..<before { try install(module(10 + number, length), &store) }
        try install(old, &store)
        return store.flash.restarted()
    }

    /// What a flash whose cells are written once cannot promise is a write that was cut and reads well: the other tears it takes as well.
    private static func tears(_ geometry: Geometry) -> [Tear] {
        geometry.isRewritable ? Tear.allCases : [.before, .some, .part]
    }

    /// Installs with a cut; starts anew. Whether the power went, and the flash.
    private static func attempt(_ geometry: Geometry, _ flash: SimulatedFlash, _ bytes: [UInt8], cut operation: Int, _ tear: Tear) -> (wasCut: Bool, flash: SimulatedFlash, found: [UInt8]?) {
        var store = geometry.store(flash.restarted(cut: (operation, tear)))
        _ = start(&store)
        let isInstalled = (try? install(bytes, &store)) != nil
        let wasCut = store.flash.isOff
        #expect(isInstalled != wasCut)
        let after = geometry.store(store.flash.restarted())
        return (wasCut, after.flash, running(after))
    }

    @Test("One cut, within each operation, leaves old or new; the next installation works, and leaves no doubt", arguments: geometries, [0, 1, 2])
    func once(geometry: Geometry, before: Int) throws {
        var olds = 0
        var news = 0
        for tear in Self.tears(geometry) {
            for seed in 1...2 {
                let flash = try Self.world(geometry, before: before, seed: seed)
                var operation = 1
                while true {
                    let (wasCut, after, found) = Self.attempt(geometry, flash, Self.new, cut: operation, tear)
                    try #require(found == Self.old || found == Self.new, "operation \(operation), \(tear), seed \(seed)")
                    guard wasCut else { break }
                    if found == Self.new { news += 1 } else { olds += 1 }
                    // However the weak bits read, another start sees one of the two as well.
                    var store = geometry.store(after.restarted())
                    let seen = start(&store)
                    try #require(seen == Self.old || seen == Self.new, "operation \(operation), \(tear), seed \(seed)")
                    try install(Self.third, &store)
                    #expect(running(store) == Self.third)
                    for _ in 0..<3 {
                        store = geometry.store(store.flash.restarted())
                        try #require(running(store) == Self.third)
                    }
                    operation += 1
                }
                // The writes of the module, the record, and an erase of each unit at least.
                #expect(operation > (Self.length - 7) / Int(geometry.writeUnit))
            }
        }
        // A cut can come when all has been written.
        #expect(olds > 20 && (news > 0 || !geometry.isRewritable))
    }

    @Test("Two cuts, within each operation of an installation and each of the next, leave one of the modules", arguments: geometries, Tear.allCases)
    func twice(geometry: Geometry, tear: Tear) throws {
        guard Self.tears(geometry).contains(tear) else { return }
        let flash = try Self.world(geometry, before: 1, seed: 4)
        var first = 1
        var pairs = 0
        while true {
            let (wasCut, after, found) = Self.attempt(geometry, flash, Self.new, cut: first, tear)
            guard wasCut else { break }
            var second = 1
            while true {
                let (wasCutAgain, last, foundThen) = Self.attempt(geometry, after, Self.third, cut: second, tear)
                // What weak bits read as may have changed between the starts, so that both are possible.
                let isOne = foundThen == Self.third || foundThen == Self.old || foundThen == Self.new
                try #require(isOne, "cuts at \(first), found \(found?.count ?? 0), then at \(second)")
                guard wasCutAgain else {
                    #expect(foundThen == Self.third && running(geometry.store(last.restarted())) == Self.third)
                    break
                }
                pairs += 1
                second += 1
            }
            first += 1
        }
        #expect(pairs > (first - 1) * (first - 1) / 2)
    }

    @Test("Three cuts: where the new module is committed, where the next installation prepares to erase, and anywhere in a third", arguments: [Tear.some, .weak, .allWeak])
    func thrice(tear: Tear) throws {
        let geometry = Geometry()
        let flash = try Self.world(geometry, before: 1, seed: 5)
        // The operations of a whole installation; the last ones are the record's.
        var store = geometry.store(flash)
        _ = start(&store)
        try install(Self.new, &store)
        let whole = store.flash.operations
        let modules: [[UInt8]?] = [Self.old, Self.new, Self.third]
        for first in whole - 2...whole {
            let (_, after, _) = Self.attempt(geometry, flash, Self.new, cut: first, tear)
            for second in 1...5 {
                // The second cut is before, or after, so that what the first left is what counts.
                for kind in [Tear.before, .part] {
                    let (_, then, found) = Self.attempt(geometry, after, Self.third, cut: second, kind)
                    try #require(modules.contains(found))
                    var third = 1
                    while true {
                        let (wasCut, last, foundLast) = Self.attempt(geometry, then, Self.old, cut: third, .part)
                        try #require(modules.contains(foundLast) && modules.contains(running(geometry.store(last.restarted()))), "cuts at \(first), \(second), \(third)")
                        guard wasCut else { break }
                        third += 2
                    }
                }
            }
        }
    }

    @Test("Many cuts in a row, anywhere and of any kind, leave one of the modules each time, and none is programmed too often", arguments: 1...24)
    func often(seed: Int) throws {
        let geometry = Self.geometries[seed % 2]
        var random = Random(seed)
        var flash = try Self.world(geometry, before: seed % 3, seed: seed)
        // What was begun since the last whole installation, and what may be there.
        var possible: [[UInt8]] = [Self.old]
        var cuts = 0
        for number in 0..<60 {
            let bytes = module(100 + number, Int.random(in: 1...Self.length, using: &random))
            let tear = Tear.allCases.randomElement(using: &random) ?? .some
            let (wasCut, after, found) = Self.attempt(geometry, flash, bytes, cut: Int.random(in: 1...40, using: &random), tear)
            possible.append(bytes)
            let seen = try #require(found, "nothing left, installation \(number)")
            try #require(possible.contains(seen), "installation \(number)")
            if wasCut { cuts += 1 } else {
                #expect(seen == bytes)
                possible = [bytes]
            }
            flash = after
            // Twice on purpose; a third time only where exactly that second write was cut.
            #expect(flash.programmed.max() ?? 0 <= 2 + cuts)
        }
        #expect(cuts > 10)
    }

    @Test("The first installation into flash that has none leaves nothing, or the new module")
    func first() throws {
        let geometry = Geometry()
        for tear in Tear.allCases {
            var operation = 1
            while true {
                let (wasCut, after, found) = Self.attempt(geometry, geometry.flash(seed: operation, used: true), Self.new, cut: operation, tear)
                try #require(found == nil || found == Self.new)
                guard wasCut else { break }
                var store = geometry.store(after.restarted())
                try install(Self.old, &store)
                #expect(running(geometry.store(store.flash.restarted())) == Self.old)
                operation += 1
            }
            #expect(operation > 30)
        }
    }

    @Test("A cut while a module is withdrawn, or its slot erased, leaves it or the other one", arguments: Tear.allCases)
    func takingBack(tear: Tear) throws {
        let geometry = Geometry()
        for erases in [false, true] {
            var operation = 1
            while true {
                var store = geometry.store(try Self.world(geometry, before: 0, seed: operation))
                let newest = try install(Self.new, &store)
                store = geometry.store(store.flash.restarted(cut: (operation, tear)))
                let isDone = (try? erases ? store.erase(newest.slot) : store.withdraw(newest.slot)) != nil
                for _ in 0..<4 {
                    store = geometry.store(store.flash.restarted())
                    let found = running(store)
                    try #require(isDone ? found == Self.old : found == Self.old || found == Self.new, "operation \(operation)")
                }
                try install(Self.third, &store)
                #expect(running(store) == Self.third)
                if isDone { break }
                operation += 1
            }
            // The mark, and the erases of three units.
            #expect(operation == (erases ? 5 : 2))
        }
    }
}
