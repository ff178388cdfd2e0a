// What a worker is at and what it has counted: a page that its supervisor sees, also after a crash.

import Foundation

/// How a mutant ended.
enum Ending: Int, CaseIterable {
    case malformed, invalid, unlinkable, exhausted
    case startTrapped, startOutOfFuel
    case noFunction, finished, trapped, outOfFuel

    var words: String {
        switch self {
        case .malformed: "malformed"
        case .invalid: "invalid"
        case .unlinkable: "unlinkable"
        case .exhausted: "exhausted"
        case .startTrapped: "trap at instantiation"
        case .startOutOfFuel: "fuel spent by the start function"
        case .noFunction: "instance without a function to call"
        case .finished: "result"
        case .trapped: "trap"
        case .outOfFuel: "fuel spent"
        }
    }
}

/// A shared page of 64-bit words.
@safe struct Progress {
    private let words: UnsafeMutablePointer<UInt64>

    private enum Place {
        static var seed: Int { 0 }
        static var mutant: Int { 1 }
        static var mutants: Int { 2 }
        static var calls: Int { 3 }
        static var failures: Int { 4 }
        static var longest: Int { 5 }
        static var longestSeed: Int { 6 }
        static var longestMutant: Int { 7 }
        static var processorTime: Int { 8 }
        static var endings: Int { 16 }
        static var count: Int { 32 }
    }

    /// The page in a file, which is made if it is not there.
    init(file path: String) throws {
        let file = unsafe open(path, O_RDWR | O_CREAT, 0o600)
        guard file >= 0, ftruncate(file, off_t(Place.count * 8)) == 0 else { throw POSIXFailure(what: path, number: errno) }
        let start = unsafe mmap(nil, Place.count * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        close(file)
        guard let start = unsafe start, unsafe start != UnsafeMutableRawPointer(bitPattern: -1) else { throw POSIXFailure(what: path, number: errno) }
        unsafe words = start.bindMemory(to: UInt64.self, capacity: Place.count)
    }

    // Safety: all places are below `count`.
    private subscript(place: Int) -> UInt64 {
        get { unsafe words[place] }
        nonmutating set { unsafe words[place] = newValue }
    }

    var mutants: UInt64 { self[Place.mutants] }
    var calls: UInt64 { self[Place.calls] }
    var failures: UInt64 { self[Place.failures] }
    /// Nanoseconds of the process, summed over restarts.
    var processorTime: UInt64 { self[Place.processorTime] }
    /// The mutant that took longest, in nanoseconds.
    var longest: (time: UInt64, seed: Int, mutant: Int) {
        (self[Place.longest], Int(self[Place.longestSeed]), Int(self[Place.longestMutant]))
    }
    /// What the worker is at.
    var position: (seed: Int, mutant: Int) { (Int(self[Place.seed]), Int(self[Place.mutant])) }
    func count(of ending: Ending) -> UInt64 { self[Place.endings + ending.rawValue] }

    func begin(seed: Int, mutant: Int) {
        self[Place.seed] = UInt64(seed)
        self[Place.mutant] = UInt64(mutant)
    }

    func end(_ ending: Ending, calls: Int, time: UInt64) {
        self[Place.mutants] += 1
        self[Place.calls] += UInt64(calls)
        self[Place.endings + ending.rawValue] += 1
        guard time > self[Place.longest] else { return }
        self[Place.longest] = time
        self[Place.longestSeed] = self[Place.seed]
        self[Place.longestMutant] = self[Place.mutant]
    }

    func addFailure() { self[Place.failures] += 1 }
    func add(processorTime: UInt64) { self[Place.processorTime] += processorTime }
}
