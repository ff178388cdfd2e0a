// `mote run`: calls an export of a module and prints its results.

import ArgumentParser
import BoardConfiguration
import Foundation
import Runtime
import WasmFormat

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a module on this machine.",
        discussion: """
            Calls the export _start, else main if it takes no parameters; with --invoke any exported function. Guests print \
            through the import mote.write(pointer, length).

            Each result is one line, decimal with its type. Arguments are decimal or 0x… for integers, decimal, hexadecimal \
            (0x1.8p3), inf or nan for floats, null for references. A trap is told with its reason, function and offset.

            EXAMPLES
              mote run app.wasm
              mote run app.mote                          an image, as mote pack writes it
              mote run app.wasm --invoke add 1 -2
              mote run app.wasm --invoke scale 0.5 0x1p3 --hex
              mote run app.wasm --pool 256k --operand-stack 8k --memory-report
              mote run app.wasm --config app.toml        in the buffers of a board
              mote run app.wasm --fuel 100000            end after so many polls
              mote run app.wasm --step                   step through it; h tells how

            EXIT STATUS
              0 it ended, 134 it trapped, 1 it cannot be loaded, 2 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The module, or its image.", valueName: "file"))
    var file: String

    @Option(name: .customLong("invoke"), help: ArgumentHelp("Call this export; its arguments follow, up to the next option.", valueName: "name> <argument ..."))
    var export: String?

    @Option(name: .customLong("invoke-argument"), parsing: .unconditionalSingleValue, help: .hidden)
    var arguments: [String] = []

    @Flag(help: "Print results as hexadecimal bits.")
    var hex = false

    @Option(help: ArgumentHelp("A static configuration, as for a board: pools, stacks, heap, cap. Options beside it count more; regions, native stack and features are the board's alone.", valueName: "file.toml"))
    var config: String?

    @Option(help: ArgumentHelp("Memory for everything: register code, stacks, linear memory; 16M without this, 256M at most. k, M for 1024, 1024².", valueName: "bytes"))
    var pool: ByteCount?

    @Option(help: ArgumentHelp("A second pool, for what --second-pool-use says; none without this.", valueName: "bytes"))
    var secondPool: ByteCount?

    @Option(help: ArgumentHelp("all, or a list of structures, operand-stack, linear-memory; linear-memory without this.", valueName: "uses"))
    var secondPoolUse: String?

    @Option(help: ArgumentHelp("Frames and values of the guest's calls; 64k without this.", valueName: "bytes"))
    var operandStack: ByteCount?

    @Option(help: ArgumentHelp("Stop after so many polls (backward branches and calls).", valueName: "polls"))
    var fuel: UInt64?

    @Flag(help: "Print how many wasm instructions were executed, on standard error. The module is translated with counters.")
    var count = false

    @Flag(help: "Step through it by register instructions, each shown with the wasm it covers. Commands come from standard input: h tells them.")
    var step = false

    @Flag(help: "Print what memory was used for, item by item, on standard error.")
    var memoryReport = false

    @Option(help: ArgumentHelp("How large memory.grow may make the linear memory.", valueName: "bytes"))
    var memoryCap: ByteCount?

    @Flag(help: "Let memory.grow promise more than the pool holds.")
    var overcommit = false

    @Option(help: ArgumentHelp("Memory behind the linear memory for the host to allocate from, where the guest exports no malloc; a guest that grows needs --memory-cap too.", valueName: "bytes"))
    var appHeap: ByteCount?

    @Option(help: ArgumentHelp("Commit so much of an aux stack that comes first at once.", valueName: "bytes"))
    var auxStack: ByteCount?

    @Flag(help: "Do not trap where the aux stack grows beyond its end.")
    var noAuxStackCheck = false

    @Option(help: "What of the linear memory takes room at once: touched (as it is stored to; so without this), whole, or heap-base (cut at __heap_base).")
    var commit: Commitment?

    /// The settings of the file, each replaced by its option where that is given.
    private func settings(_ file: StaticConfiguration) -> InstanceConfiguration {
        var settings = file.instance
        if let memoryCap { settings.memoryCap = UInt64(memoryCap.bytes) }
        if let appHeap { settings.appHeapBytes = UInt32(appHeap.bytes) }
        if let auxStack { settings.auxStackBytes = UInt32(auxStack.bytes) }
        if noAuxStackCheck { settings.checksAuxStack = false }
        if overcommit { settings.memoryGrowth = .overcommit }
        if let commit { settings.memoryCommitment = commit.setting }
        return settings
    }

    /// The second pool's bytes, 0 if there is none, and the uses of both. Throws `Exit`.
    private func pools(_ file: StaticConfiguration) throws -> (second: Int, uses: UInt32) {
        let second = secondPool?.bytes ?? Int(file.secondPool?.bytes ?? 0)
        guard second > 0 else {
            if secondPoolUse != nil { throw Exit(.usage, "--second-pool-use: there is no second pool: give --second-pool too") }
            return (0, 0)
        }
        var uses = file.secondPool?.uses ?? [.linearMemory]
        if let words = secondPoolUse?.split(separator: ",").map(String.init) {
            uses = words == ["all"] ? Set(SecondPoolUse.allCases) : []
            for word in words where word != "all" || words.count > 1 {
                guard let use = SecondPoolUse(rawValue: word) else { throw Exit(.usage, "--second-pool-use: \(word) is none of \(SecondPoolUse.allCases.map(\.rawValue).joined(separator: ", ")), nor all alone") }
                uses.insert(use)
            }
        }
        return (second & ~7, ConfigurationWord.uses(ofSecondPool: uses))
    }

    /// `--invoke NAME ARGUMENT…` as options that take one value each, so that arguments may begin with a minus sign.
    /// The arguments end at the next word that begins with `--`.
    static func gatherInvocation(_ words: [String]) -> [String] {
        guard ["run", "qemu", "bench"].contains(words.first), let place = words.firstIndex(where: { $0 == "--invoke" || $0.hasPrefix("--invoke=") }) else { return words }
        // `--invoke NAME` or `--invoke=NAME`.
        let name = words[place] == "--invoke" ? place + 1 : place
        guard name < words.count else { return words }
        var gathered = Array(words[...name])
        var isArgument = true
        for word in words[(name + 1)...] {
            if word.hasPrefix("--") { isArgument = false }
            gathered += isArgument ? ["--invoke-argument", word] : [word]
        }
        return gathered
    }

    func validate() throws {
        try pool?.checkedAsPool()
        try secondPool?.checkedAsPool()
        if step && (count || fuel != nil) { throw ValidationError("--step counts neither instructions nor fuel: leave --count and --fuel out") }
    }

    func run() throws {
        let file = try config.map { try StaticConfiguration(file: $0) } ?? .standard, (second, uses) = try pools(file)
        let pool = Memory(count: (pool?.bytes ?? file.pool.map(Int.init) ?? 16 << 20) & ~7), secondPool = Memory(count: second)
        let settings = settings(file)
        return try run(in: pool, secondPool, uses: uses, operandStackBytes: operandStack.map { UInt32($0.bytes) } ?? file.operandStack ?? 64 << 10, settings)
    }

    private func run(in pool: borrowing Memory, _ secondPool: borrowing Memory, uses: UInt32, operandStackBytes: UInt32, _ settings: InstanceConfiguration) throws {
        let bytes = try Memory(file: file)
        if ImageDescription.isImage(bytes.span), step || count {
            throw Exit(.usage, "\(file): \(step ? "--step" : "--count") needs the .wasm that the image was made of: an image has neither its instructions nor counters")
        }
        var guest = try Guest.load(
            file: file, bytes: bytes, pool: pool, secondPool: secondPool, uses: uses, operandStackBytes: operandStackBytes, counting: count, configuration: settings,
            pausesAtStart: step)
        let function = try guest.function(export)
        let values = try guest.values(arguments, for: function, named: export ?? "main")
        defer {
            if memoryReport { FileHandle.standardError.write(Data(guest.memoryReport.utf8)) }
            if memoryReport && settings.memoryCommitment == .cutAtHeapBase { FileHandle.standardError.write(Data((guest.heapBaseCut + "\n").utf8)) }
            if count { FileHandle.standardError.write(Data("wasm instructions: \(guest.runtime.instructionCount)\n".utf8)) }
        }
        if !step { try guest.initialize(fuel: fuel) }
        for result in try step ? guest.step(function, values, of: bytes) ?? [] : guest.call(function, values, fuel: fuel) {
            try StandardOutput.write(ValueText.text(result, hex: hex) + "\n")
        }
    }
}

extension Commitment: ExpressibleByArgument {
    var setting: MemoryCommitment {
        switch self {
        case .touched: .touched
        case .whole: .whole
        case .heapBase: .cutAtHeapBase
        }
    }
}
