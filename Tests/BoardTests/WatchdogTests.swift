// A watchdog that nobody can stop: a long guest runs to its end, since it is fed.

import Foundation
import ModuleBuilder
import Packing
import Testing

extension BoardRun {
    /// Compiles C for a board's core, to be linked into a firmware (LINK_INPUTS): what a board's folder might have.
    static func object(_ source: String, for board: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).o").path
        let script = """
            . boards/facts
            options=$(echo "$C_OPTIONS" | tr -d '",')
            printf '%s' "$SOURCE" | "$(tools/swift-tools)/clang" --target="$TRIPLE" -mcpu="$MCPU" $options -ffreestanding -Os -x c -c -o '\(file)' -
            """
        let run = try BoardRun("/bin/sh", ["-euc", script], environment: ["board": board, "SOURCE": source])
        try #require(run.status == 0, "\(run.output)")
        return file
    }
}

// In the suite that builds firmwares one after the other.
extension GuestTests {
    /// ARM's CMSDK watchdog (DDI 0479, chapter 4.5), 25,000,000 ticks a second: after 20 ms it asks for food by an NMI, which is a fault, and after as much
    /// more it resets. Like a fuse it runs from reset, and locks itself.
    private static let watchdog = """
        #define REGISTER(offset) (*(volatile unsigned *)(0x40008000 + offset))
        void mote_board_watchdog(void) { REGISTER(0) = 500000; REGISTER(8) = 3; REGISTER(0xC00) = 1; }

        """
    private static let feed = """
        void mote_board_feed(void) { REGISTER(0xC00) = 0x1ACCE551; REGISTER(0xC) = 1; REGISTER(0xC00) = 1; }

        """

    /// Half a million turns, 0.4 s at QEMU's 7.8 million instructions a second; before them it prints so much that the line takes longer than 20 ms.
    private static let long: [UInt8] = {
        var module = ModuleBuilder()
        let write = module.importFunction("mote", "write", [.i32, .i32])
        module.memory(1)
        let turn = Code.localGet(0) + Code.i32(1) + Code.i32Add + Code.localTee(0) + Code.i32(500_000) + [0x49] + Code.brIf(0)
        let body = Code.i32(0) + Code.i32(20_000) + Code.call(write) + Code.loop(nil, turn) + Code.localGet(0)
        module.function([], [.i32], locals: [(1, .i32)], body: body, export: "main")
        return module.bytes
    }()

    /// Runs the long guest on mps2-an386, a few lines of C linked into the firmware.
    private static func run(linking code: String, environment: [String: String]) throws -> BoardRun {
        let object = try BoardRun.object(code, for: "mps2-an386")
        let file = FileManager.default.temporaryDirectory.appending(path: "mote-\(UUID().uuidString).wasm")
        try Data(long).write(to: file)
        defer { for path in [object, file.path, file.path + ".elf"] { try? FileManager.default.removeItem(atPath: path) } }
        let build = try BoardRun("boards/build", ["mps2-an386", "Firmware", file.path, file.path + ".elf"], environment: ["LINK_INPUTS": object])
        try #require(build.status == 0, "\(build.output)")
        return try BoardRun("boards/run", ["mps2-an386", file.path + ".elf"], environment: environment)
    }

    @Test("A watchdog that cannot be stopped is fed during a long guest, also while it prints; unfed it ends the run", arguments: [true, false])
    func watchdog(isFed: Bool) throws {
        let run = try Self.run(linking: Self.watchdog + (isFed ? Self.feed : ""), environment: ["QEMU_FLAGS": "-icount shift=7"])
        if isFed {
            #expect(run.status == 0 && run.output.contains("500000:i32\n"), "\(run.status) \(run.output.suffix(200))")
        } else {
            // Not before the guest runs.
            #expect(run.status == 70 && run.output.contains("\nmote: fault 2 at 0x"), "\(run.status) \(run.output.suffix(200))")
        }
    }

    @Test("The loader feeds while it waits for a module, while it receives one, and while one runs or has finished")
    func loaderFeeds() throws {
        // A point for each 500 times. The board may do that between frames only, and so it does.
        let object = try BoardRun.object("""
            void mote_board_write_byte(unsigned char);
            void mote_board_feed(void) { static unsigned times; if (++times % 500 == 0) mote_board_write_byte('.'); }

            """, for: "microbit")
        defer { try? FileManager.default.removeItem(atPath: object) }
        let board = try BoardSession(loader(nil, linking: object), on: "microbit", seconds: 300)
        try board.wait(for: "mote: no module: send one with mote send\n", after: 0)
        try board.wait(for: ".", times: 10)
        #expect(try board.send(talker("word", ballast: 2_000)).step == .installed(slot: 0, sequence: 1))
        try board.wait(for: "word\n", times: 2)
        try board.wait(for: ".", times: 10)
        var ending = ModuleBuilder()
        ending.function([], body: [], export: "main")
        #expect(try board.send(Packing.pack(ending.bytes)).step == .installed(slot: 1, sequence: 2))
        try board.wait(for: "mote: the module has finished\n", after: 0)
        try board.wait(for: ".", times: 10)
    }

    @Test("A console that does not send any more costs a guest one wait, not one a byte")
    func deadConsole() throws {
        // The UART's transmitter is off when the guest prints its 20,000 bytes: a million looks at each would be a day.
        let run = try Self.run(linking: "void mote_board_feed(void) { *(volatile unsigned *)0x40004008 = 0; }\n", environment: ["TIMEOUT": "30"])
        #expect(run.status == 0 && run.output.isEmpty, "\(run.status) \(run.output.suffix(200))")
    }
}
