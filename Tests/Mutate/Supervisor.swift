// Starts the workers, tells which mutant a crash or a hang belongs to, starts the worker again behind it, and adds up.

import Foundation

struct Supervisor {
    let seeds: [Seed]
    let every: Int
    let workers: Int
    /// The words of the command line that workers need too.
    let arguments: [String]

    /// A mutant that takes longer hangs. A run with all its fuel takes some milliseconds in a release build, a second in a debug build.
    static var patience: TimeInterval { 60 }
    /// Between two lines that tell how far it is.
    static var reportInterval: TimeInterval { 60 }
    /// More crashes than this tell nothing new.
    static var mostCrashes: Int { 50 }

    /// True if nothing was wrong.
    func run() throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mote-mutate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let began = Date()
        var told = began
        // A mutant that crashed or hung was begun, but is in no count.
        let planned = seeds.reduce(0) { $0 + ($1.mutantCount + every - 1) / every }
        print("running \(planned) mutants of \(seeds.count) modules with \(workers) processes: some minutes")
        fflush(nil)
        var lanes: [Lane] = []
        for number in 0..<workers { lanes.append(try Lane(file: folder.appendingPathComponent("\(number)").path, number: number)) }
        for lane in lanes { try start(lane) }
        var crashes = 0
        while lanes.contains(where: { $0.process != nil }) && crashes < Supervisor.mostCrashes {
            Thread.sleep(forTimeInterval: 0.1)
            if Date().timeIntervalSince(told) > Supervisor.reportInterval {
                told = Date()
                let done = lanes.reduce(0) { $0 + $1.progress.mutants }
                print("  \(done * 100 / UInt64(max(planned, 1))) % after \(Int(told.timeIntervalSince(began))) s")
                fflush(nil)
            }
            for lane in lanes {
                guard let how = lane.ending(patience: Supervisor.patience) else { continue }
                crashes += 1
                let (seed, mutant) = lane.progress.position
                print("\(how)  \(seed < seeds.count ? seeds[seed].text(mutant) : "worker \(lane.number), outside of a mutant")")
                fflush(nil)
                if seed < seeds.count { try start(lane, from: (seed, mutant + 1)) }
            }
        }
        for lane in lanes { lane.stop() }
        if crashes >= Supervisor.mostCrashes { print("given up after \(crashes) crashes and hangs; the other mutants were not run") }
        return report(lanes.map(\.progress), planned: planned, seconds: Date().timeIntervalSince(began), crashes: crashes)
    }

    private func start(_ lane: Lane, from place: (seed: Int, mutant: Int) = (0, 0)) throws {
        let process = Process()
        process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = arguments + [
            "--every", "\(every)", "--worker", "\(lane.number)/\(workers)", "--progress", lane.file, "--from", "\(place.seed)/\(place.mutant)",
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        try process.run()
        lane.process = process
        lane.changed = Date()
    }

    private func report(_ pages: [Progress], planned: Int, seconds: TimeInterval, crashes: Int) -> Bool {
        func sum(_ value: (Progress) -> UInt64) -> UInt64 { pages.reduce(0) { $0 + value($1) } }
        let mutants = sum(\.mutants)
        let bytes = seeds.reduce(0) { $0 + $1.bytes.count }
        print("\(mutants) mutants of \(seeds.count) modules (\(bytes) bytes), \(every == 1 ? "all" : "every \(every)th") of them, \(sum(\.calls)) calls of functions")
        for ending in Ending.allCases where sum({ $0.count(of: ending) }) > 0 {
            print("  \(sum { $0.count(of: ending) }) \(ending.words)")
        }
        if let page = pages.max(by: { $0.longest.time < $1.longest.time }), page.longest.seed < seeds.count {
            print("longest: \(page.longest.time / 1000) µs, \(seeds[page.longest.seed].text(page.longest.mutant))")
        }
        print("\(Int(seconds)) s with \(workers) processes, \(sum(\.processorTime) / 1_000_000_000) s of processor time")
        let failures = sum(\.failures)
        let notRun = planned - Int(mutants) - crashes
        print("\(crashes) crashes and hangs, \(failures) with something left in the pool, \(notRun) not run")
        return crashes == 0 && failures == 0 && notRun == 0
    }
}

/// A worker's process, and what is seen of it.
final class Lane {
    let number: Int
    let file: String
    let progress: Progress
    var process: Process?
    var changed = Date()
    private var last = (seed: -1, mutant: -1)

    init(file: String, number: Int) throws {
        self.file = file
        self.number = number
        progress = try Progress(file: file)
    }

    /// How the process ended, if it did not end well; a hanging one is ended here.
    func ending(patience: TimeInterval) -> String? {
        guard let process else { return nil }
        if process.isRunning {
            let position = progress.position
            if position != last { (last, changed) = (position, Date()) }
            guard Date().timeIntervalSince(changed) > patience else { return nil }
            stop()
            return "HANGS"
        }
        self.process = nil
        if process.terminationReason == .uncaughtSignal { return "CRASHED (signal \(process.terminationStatus))" }
        return process.terminationStatus == 0 ? nil : "ENDED (status \(process.terminationStatus))"
    }

    func stop() {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }
}
