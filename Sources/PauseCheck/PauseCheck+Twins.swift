// Two runtimes in turn, each with a pool and a stop word of its own: neither changes a byte of the other's pool, nor looks at its stop word.
//
// A line: the results of both, and of one that ran alone.

import BoardSupport
import Runtime
import WasmFormat

extension PauseCheck {
    private static var poolBytes: Int { 64 * 1_024 }

    @unsafe static func runTwins(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer) {
        let pools: (UnsafeMutableRawBufferPointer, UnsafeMutableRawBufferPointer) = unsafe (
            UnsafeMutableRawBufferPointer(rebasing: pool[0..<poolBytes]), UnsafeMutableRawBufferPointer(rebasing: pool[poolBytes..<2 * poolBytes]))
        let alone = unsafe runAlone(entry, pools.0)
        var stopWord: UInt32 = 0
        let results = unsafe withUnsafeMutablePointer(to: &stopWord) { unsafe runBoth(entry, pools.0, pools.1, $0) }
        Board.write(results.0)
        Board.write(" ")
        Board.write(results.1)
        Board.write(" ")
        line(UInt64(alone))
    }

    @unsafe @inline(never) private static func runAlone(_ entry: Entry, _ pool: UnsafeMutableRawBufferPointer) -> UInt32 {
        var guest = unsafe Guest(entry, in: pool)
        guard guest.call() == .finished else { Guest.fail("not finished") }
        return result(of: guest)
    }

    /// `stopWord` is the second's.
    @unsafe @inline(never) private static func runBoth(
        _ entry: Entry, _ pool: UnsafeMutableRawBufferPointer, _ otherPool: UnsafeMutableRawBufferPointer, _ stopWord: UnsafeMutablePointer<UInt32>
    ) -> (UInt32, UInt32) {
        var first = unsafe Guest(entry, in: pool)
        var configuration = Configuration()
        unsafe configuration.stopWord = UnsafePointer(stopWord)
        var second = unsafe Guest(entry, in: otherPool, configuration)
        var ends = (first.call(fuel: 3), second.call(fuel: 5))
        var turn: UInt64 = 0
        while ends.0 != .finished || ends.1 != .finished {
            turn &+= 1
            if ends.0 != .finished {
                let before = unsafe checksum(otherPool)
                // The other's stop word is not its own.
                unsafe stopWord.pointee = 1
                ends.0 = first.resume(fuel: 1 &+ turn % 40)
                unsafe stopWord.pointee = 0
                guard unsafe checksum(otherPool) == before else { Guest.fail("the first runtime has written to the second's pool") }
                guard ends.0 == .outOfFuel || ends.0 == .finished else { Guest.fail("neither out of fuel nor finished") }
            }
            if ends.1 != .finished {
                let before = unsafe checksum(pool)
                ends.1 = second.resume(fuel: 1 &+ turn % 33)
                guard unsafe checksum(pool) == before else { Guest.fail("the second runtime has written to the first's pool") }
                guard ends.1 == .outOfFuel || ends.1 == .finished else { Guest.fail("neither out of fuel nor finished") }
            }
        }
        return (result(of: first), result(of: second))
    }

    private static func result(of guest: borrowing Guest) -> UInt32 {
        guard case .i32(let result)? = try? guest.runtime.result(0, of: guest.f, in: guest.environment) else { Guest.fail("no result") }
        return result
    }

    /// Changes with each byte (FNV-1a over words).
    @unsafe private static func checksum(_ bytes: UnsafeMutableRawBufferPointer) -> UInt32 {
        var sum: UInt32 = 2_166_136_261
        // Safety: pools are 8-byte aligned, and whole words.
        for unsafe word in unsafe bytes.bindMemory(to: UInt32.self) { sum = (sum ^ word) &* 16_777_619 }
        return sum
    }
}
