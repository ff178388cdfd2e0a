// `mote bench`: a call on a board in QEMU, with instructions and memory counted.

import ArgumentParser
import BoardConfiguration
import Foundation

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures a call on a board in QEMU: instructions, and what memory it took.",
        discussion: """
            Counts the guest instructions of load, instantiate and run apart, exactly and the same each time (QEMU's -icount); and the \
            peaks of pool, operand stack and native stack. --minimize finds the smallest operand stack and pool that give the same \
            results, by trying, beside what is said of them before the run.

            EXAMPLES
              mote bench app.wasm --board mps2-an386
              mote bench app.wasm --board mps2-an386 --invoke fib 20 --json
              mote bench app.wasm --board microbit --features minimal --minimize

            JSON
              result (bits, unsigned), load, instantiate, run (instructions), pool_peak, operand_stack_peak, native_stack_peak, \
            linear_memory_committed, runtime_flash (over a firmware that only prints a line; bytes). With --minimize also \
            minimum: pool, operand_stack, linear_memory_committed, predicted_pool.

            EXIT STATUS
              0 it ended, 134 it trapped, 1 it cannot be built or loaded, 2 wrong usage.
            """)

    @OptionGroup var target: BoardOptions
    @OptionGroup var call: CallOptions

    @Flag(help: "Find the smallest operand stack and pool that still run.")
    var minimize = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("End a run that takes longer.", valueName: "seconds"))
    var timeout: UInt32 = 600

    struct Report: Encodable {
        struct Minimum: Encodable {
            let pool: UInt64
            let operandStack: UInt64
            /// The most that was committed in that pool.
            let linearMemoryCommitted: UInt64
            /// What is said of that operand stack before a run, with the linear memory as it was committed: nil where nothing can be said.
            let predictedPool: UInt64?
            enum CodingKeys: String, CodingKey {
                case pool, operandStack = "operand_stack", linearMemoryCommitted = "linear_memory_committed", predictedPool = "predicted_pool"
            }
        }
        let result: [UInt64]
        let load: UInt64
        let instantiate: UInt64
        let run: UInt64
        let poolPeak: UInt64
        let operandStackPeak: UInt64
        let nativeStackPeak: UInt64
        let linearMemoryCommitted: UInt64
        let runtimeFlash: UInt64
        var minimum: Minimum?

        enum CodingKeys: String, CodingKey {
            case result, load, instantiate, run, minimum
            case poolPeak = "pool_peak", operandStackPeak = "operand_stack_peak", nativeStackPeak = "native_stack_peak"
            case linearMemoryCommitted = "linear_memory_committed", runtimeFlash = "runtime_flash"
        }
    }

    func run() throws {
        try Emulator.checkMachine(try Project().board(target.board))
        let firmware = try target.build()
        _ = try firmware.plan(of: target.file)
        let words = try call.words(for: firmware.module, file: target.file)
        let emulator = Emulator(firmware: firmware, resultCount: try call.resultCount(of: firmware.module, file: target.file), timeout: timeout)
        let run = try emulator.run(words, counting: true, label: "running on \(firmware.board.name)")
        guard run.status == 0 else { throw failure(run) }
        guard let load = run.load, let instantiate = run.instantiate, let callCount = run.call else {
            throw Exit(.cannotLoad, "\(firmware.board.name): its firmware counted no instructions: is CLOCK in its manifest right?")
        }
        var report = Report(
            result: run.results, load: load, instantiate: instantiate, run: callCount, poolPeak: run.pool, operandStackPeak: run.operandStack,
            nativeStackPeak: run.nativeStack, linearMemoryCommitted: run.linearMemory, runtimeFlash: try runtimeFlash(firmware))
        if minimize { report.minimum = try minimum(of: run, emulator, words) }
        try StandardOutput.write(json ? StandardOutput.json(report) : text(report, run, firmware))
    }

    private func failure(_ run: Emulator.Run) -> Exit {
        // What the guest printed, and the backtrace.
        var details = run.output.split(separator: "\n").filter { !$0.hasPrefix("bench ") }
        let place = details.firstIndex { $0.hasPrefix("mote: ") }
        let line = place.map { details.remove(at: $0).dropFirst(6) } ?? "it ended with status \(run.status)"
        return Exit(run.status == 134 ? .trap : .cannotLoad, "\(target.file) on \(target.board): \(line)", details: details.map { $0 + "\n" }.joined())
    }

    /// Over the same board's firmware that prints one line through the same console.
    private func runtimeFlash(_ firmware: FirmwareBuild) throws -> UInt64 {
        let path = ".build/boards/\(firmware.board.name)/mote-\(getpid())-empty"
        defer { for end in [".elf", ".wasm"] { try? FileManager.default.removeItem(atPath: firmware.project.path(path + end)) } }
        let build = try Child.run(
            firmware.project.path("boards/build"), [firmware.board.name, "EmptyFirmware", "", path + ".elf"], in: firmware.project.root,
            environment: ["TRAITS": firmware.features], label: "building the empty firmware")
        guard build.status == 0, let bytes = FileManager.default.contents(atPath: firmware.project.path(path + ".elf")) else {
            throw Exit(.cannotLoad, "the empty firmware of \(firmware.board.name) could not be built", details: build.errors)
        }
        let empty = try told { FirmwareSizes(try ElfSections([UInt8](bytes), name: path)).flash }
        return FirmwareSizes(firmware.elf).flash - empty
    }

    /// The least of both with which the run is the same: first the operand stack, which is in the pool.
    private func minimum(of run: Emulator.Run, _ emulator: Emulator, _ words: [String]) throws -> Report.Minimum {
        func isSame(_ more: [String]) throws -> Bool {
            let other = try emulator.run(words + more, counting: false, label: "trying \(more.joined(separator: " "))")
            return other.status == 0 && other.results == run.results
        }
        let stack = try Self.least(near: max(run.operandStack, 4), step: 4, most: UInt64(emulator.firmware.operandStackBytes)) { try isSame(["stack=\($0)"]) }
        let plan = try PoolPlan(
            of: emulator.firmware.module, file: target.file, configuration: emulator.firmware.configuration, operandStackBytes: UInt32(stack), pool: run.poolSize)
        let guess = plan.smallestPool(committing: run.linearMemory)
        let pool = try Self.least(near: guess, step: 8, most: run.poolSize) { try isSame(["stack=\(stack)", "pool=\($0)"]) }
        // A memory that is committed as it is touched takes less where there is less: what it took there is known only now.
        let last = try emulator.run(words + ["stack=\(stack)", "pool=\(pool)"], counting: false, label: "running in the smallest pool")
        return Report.Minimum(
            pool: pool, operandStack: stack, linearMemoryCommitted: last.linearMemory,
            predictedPool: plan.isOpen ? nil : plan.smallestPool(committing: last.linearMemory))
    }

    /// The least multiple of `step` that works, where more always does: looked for from near it. `most` is known to work.
    static func least(near guess: UInt64, step: UInt64, most: UInt64, _ works: (UInt64) throws -> Bool) rethrows -> UInt64 {
        var good = most, bad: UInt64 = 0, distance = step
        var next = min(guess, most)
        // Away from the guess in doubled steps, until the least is enclosed.
        if try next == most || works(next) {
            good = next
            while good > step {
                next = good > distance ? good - distance : step
                if try works(next) { good = next } else {
                    bad = next
                    break
                }
                distance *= 2
            }
        } else {
            bad = next
            while bad + distance < most {
                next = bad + distance
                if try works(next) {
                    good = next
                    break
                }
                bad = next
                distance *= 2
            }
        }
        while good - bad > step {
            let middle = bad + (good - bad) / 2 / step * step
            if try works(middle) { good = middle } else { bad = middle }
        }
        return good
    }

    private func text(_ report: Report, _ run: Emulator.Run, _ firmware: FirmwareBuild) -> String {
        let grouped = ByteSize.grouped
        var text = "\(target.file) on \(firmware.board.name), features \(firmware.features)\n"
        text += "result                   \(report.result.isEmpty ? "none" : report.result.map { "\($0)" }.joined(separator: ", "))\n"
        text += "instructions             load \(grouped(report.load)), instantiate \(grouped(report.instantiate)), run \(grouped(report.run))\n"
        text += "pool                     \(grouped(report.poolPeak)) bytes at most, of \(grouped(run.poolSize))\n"
        text += "operand stack            \(grouped(report.operandStackPeak)) of \(grouped(UInt64(firmware.operandStackBytes)))\n"
        text += "native stack             \(grouped(report.nativeStackPeak)) of \(grouped(FirmwareSizes(firmware.elf).nativeStack))\n"
        text += "linear memory committed  \(grouped(report.linearMemoryCommitted))\n"
        text += "flash of the runtime     \(grouped(report.runtimeFlash))\n"
        if let minimum = report.minimum {
            text += "smallest                 pool \(grouped(minimum.pool)) with an operand stack of \(grouped(minimum.operandStack)); "
            text += minimum.predictedPool.map { "said before: \(grouped($0))\n" } ?? "nothing can be said before: a data segment's place depends on an imported global\n"
        }
        return text
    }
}
