// A process that runs its share of the mutants. It may crash or hang: its supervisor knows at which one.

import Foundation

struct Worker {
    let seeds: [Seed]
    let progress: Progress
    let every: Int
    /// This worker takes each `count`th of the mutants that are run.
    let number: Int
    let count: Int
    /// Where to go on, after a crash.
    let first: (seed: Int, mutant: Int)

    static var poolBytes: Int { 1 << 20 }

    func run() throws {
        let pool = try GuardedMemory(size: Worker.poolBytes)
        var position = 0
        for (seedNumber, seed) in seeds.enumerated() {
            let start = position
            position += (seed.mutantCount + every - 1) / every
            guard seedNumber >= first.seed else { continue }
            try run(seed, seedNumber, start, pool)
        }
        // So that the supervisor does not take the last mutant for one that hangs.
        progress.begin(seed: seeds.count, mutant: 0)
        progress.add(processorTime: nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    }

    private func run(_ seed: Seed, _ seedNumber: Int, _ start: Int, _ pool: GuardedMemory) throws {
        var run = try MutantRun(seed, pool: pool)
        let bytes = try MutantBytes(seed)
        var position = start
        for mutant in stride(from: 0, to: seed.mutantCount, by: every) {
            let isMine = position % count == number
            position += 1
            guard isMine, seedNumber > first.seed || mutant >= first.mutant else { continue }
            progress.begin(seed: seedNumber, mutant: mutant)
            let began = nanoseconds(CLOCK_MONOTONIC)
            var ending = Ending.malformed
            unsafe bytes.with(seed.mutation(mutant)) { ending = unsafe run.run($0) }
            progress.end(ending, calls: run.calls, time: nanoseconds(CLOCK_MONOTONIC) - began)
            if let failure = run.failure {
                progress.addFailure()
                print("FAILED  \(seed.text(mutant)): \(failure)")
                fflush(nil)
                run = try MutantRun(seed, pool: pool)
            }
        }
        if !run.leavesOthersAlone() {
            progress.addFailure()
            print("FAILED  \(seed.name), all of its mutants: a paused run of another instance was changed")
        }
    }

    /// One mutant in this process, with its ending on standard output.
    static func runOne(_ seed: Seed, mutant: Int) throws {
        var run = try MutantRun(seed, pool: try GuardedMemory(size: poolBytes))
        let bytes = try MutantBytes(seed)
        var ending = Ending.malformed
        print(seed.text(mutant))
        fflush(nil)
        unsafe bytes.with(seed.mutation(mutant)) { ending = unsafe run.run($0) }
        print("\(ending.words); \(run.failure ?? "the pool is what it was")")
    }
}

/// Nanoseconds of a clock.
func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
