// mote-mutate: runs every truncation, bit flip and changed byte of the guests and samples through the runtime, and bit flips and edits of their images.
//
//     mote-mutate [--guests FOLDER] [--samples FOLDER] [--every N] [--workers N]      all, or each Nth
//     mote-mutate --only mote                                                         of images; or wasm,hex: of guests and samples
//     mote-mutate --only mote --fuzz FOLDER [--libfuzzer "-max_total_time=60"]      libFuzzer, with the images as seeds
//     mote-mutate --one fib.wasm/4711                                                 one mutant, in this process

import Foundation
import TestGuests

@main struct Mutate {
    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())) ? 0 : 1)
        } catch {
            print("mote-mutate: \(error)")
            exit(2)
        }
    }

    private static func run(_ words: [String]) throws -> Bool {
        var options: [String: String] = [:]
        var place = 0
        while place < words.count {
            guard words[place].hasPrefix("--"), place + 1 < words.count else {
                throw NotationError(description: "\(words[place])? Options: --guests, --samples, --every, --only, --workers, --one, --fuzz, --libfuzzer, each with its value")
            }
            options[words[place]] = words[place + 1]
            place += 2
        }
        let guests = options["--guests"].map { URL(fileURLWithPath: $0) } ?? GuestFolder.modules
        let samples = options["--samples"].map { URL(fileURLWithPath: $0) } ?? GuestFolder.samples
        let kinds = (options["--only"] ?? "").split(separator: ",")
        let seeds = try Seed.all(guests: guests, samples: samples).filter { seed in kinds.isEmpty || kinds.contains { seed.name.hasSuffix(".\($0)") } }
        guard !seeds.isEmpty else { throw NotationError(description: "--only takes wasm, hex or mote") }
        if let folder = options["--fuzz"] {
            #if FUZZER
            try Fuzz.start(seeds, folder: URL(fileURLWithPath: folder), options: (options["--libfuzzer"] ?? "").split(separator: " ").map(String.init))
            return true
            #else
            throw NotationError(description: "\(folder): this build has no libFuzzer in it: run `make fuzz`")
            #endif
        }
        let every = max(options["--every"].flatMap { Int($0) } ?? 1, 1)
        if let one = options["--one"] {
            let parts = one.split(separator: "/")
            guard parts.count == 2, let mutant = Int(parts[1]), let seed = seeds.first(where: { $0.name == parts[0] }), mutant < seed.mutantCount
            else { throw NotationError(description: "--one takes a module and a mutant's number, as fib.wasm/4711") }
            try Worker.runOne(seed, mutant: mutant)
            return true
        }
        if let file = options["--progress"], let worker = pair(options["--worker"]), let from = pair(options["--from"]) {
            try Worker(seeds: seeds, progress: try Progress(file: file), every: every, number: worker.0, count: worker.1, first: from).run()
            return true
        }
        let workers = max(options["--workers"].flatMap { Int($0) } ?? ProcessInfo.processInfo.activeProcessorCount, 1)
        return try Supervisor(
            seeds: seeds, every: every, workers: workers, arguments: ["--guests", guests.path, "--samples", samples.path] + (options["--only"].map { ["--only", $0] } ?? [])
        ).run()
    }

    /// Two numbers with a slash between them.
    private static func pair(_ text: String?) -> (Int, Int)? {
        let numbers = (text ?? "").split(separator: "/").compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
}
