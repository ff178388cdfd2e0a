// `mote send` over a terminal's line, at whose other end is a board's receiver with a store in memory.

import Foundation
import ModuleStore
import Testing

/// Flash that forgets nothing and never fails.
private struct MemoryFlash: Flash {
    var eraseUnit: UInt32 { 256 }
    var writeUnit: UInt32 { 4 }
    var isRewritable: Bool { true }
    var words = [UInt32](repeating: .max, count: 1_024)
    func read(_ address: UInt32) throws(FlashError) -> UInt32 { words[Int(address / 4)] }
    mutating func erase(_ address: UInt32) throws(FlashError) { for index in 0..<64 { words[Int(address / 4) + index] = .max } }
    mutating func program(_ address: UInt32, _ unit: Span<UInt32>) throws(FlashError) { words[Int(address / 4)] &= unit[0] }
}

/// The board on a thread of its own, at a pseudo-terminal; a guest prints before each of its answers.
private final class FakeBoard: @unchecked Sendable {
    let path: String
    private let end: Int32
    private let done = DispatchSemaphore(value: 0)
    private var isOver = false
    private let lock = NSLock()
    /// What was installed, when `finish` has returned.
    private(set) var installed: [UInt8] = []

    /// - Parameter deafTo: so many bytes are lost at first.
    init(deafTo lost: Int = 0) throws {
        #if os(Linux)
        // Swift's Glibc lacks posix_openpt and its like. These are TIOCSPTLCK and TIOCGPTN of ioctl_tty(2).
        end = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (Int32, Int32) = (0, 0)
        try #require(end >= 0 && ioctl(end, 0x4004_5431, &locked) == 0 && ioctl(end, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        #else
        end = posix_openpt(O_RDWR | O_NOCTTY)
        try #require(end >= 0 && grantpt(end) == 0 && unlockpt(end) == 0)
        path = String(cString: try #require(ptsname(end)))
        #endif
        let thread = Thread { [self] in
            serve(lost)
            done.signal()
        }
        thread.start()
    }

    func finish() {
        lock.withLock { isOver = true }
        done.wait()
        close(end)
    }

    private func serve(_ lost: Int) {
        var store = ModuleStore(flash: MemoryFlash(), first: 0, second: 2_048, slotBytes: 2_048)
        var receiver = Receiver()
        var heard = 0
        while !lock.withLock({ isOver }) {
            var asked = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            guard poll(&asked, 1, 20) > 0, asked.revents & Int16(POLLIN) != 0 else { continue }
            var byte: UInt8 = 0
            guard read(end, &byte, 1) == 1 else { continue }
            heard += 1
            guard heard > lost else { continue }
            switch receiver.receive(byte, &store) {
            case .byte, .nothing: continue
            case .installed(let module): installed = (0..<module.length).map { UInt8(truncatingIfNeeded: store.flash.words[Int((module.address + $0) / 4)] >> (8 * ($0 & 3))) }
            case .answer: break
            }
            let answer = receiver.answer
            let bytes = Array("tick\n".utf8) + answer.indices.map { answer[$0] }
            _ = bytes.withUnsafeBytes { write(end, $0.baseAddress, $0.count) }
        }
    }
}

@Suite struct SendTests {
    /// Every byte occurs in it, those too that a terminal takes for itself.
    private static let module: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] + (0..<1_200).map { UInt8(truncatingIfNeeded: $0) }

    @Test("a module goes over a serial line to the byte, with progress on standard error and the result in a line or as JSON", arguments: [0, 5])
    func send(lost: Int) throws {
        let board = try FakeBoard(deafTo: lost)
        try withFile(Self.module) { path in
            let tool = try Tool("send", path, "--to", board.path, "--wait", "300")
            board.finish()
            #expect(tool.status == 0 && tool.output.hasPrefix("\(path): 1208 bytes in slot 0, installation 1, after "), "\(tool.errors)")
            #expect(tool.output.hasSuffix(" s, \(lost > 0 ? 1 : 0) frames sent again\n"))
            #expect(tool.errorLines.first == "sent 0 of 1208 bytes, 0 %" && tool.errorLines.last == "sent 1208 of 1208 bytes, 100 %")
            #expect(tool.errorLines.count >= 10 && tool.errorLines.count <= 12)
        }
        #expect(board.installed == Self.module)
        let other = try FakeBoard()
        try withFile(Self.module) { path in
            let tool = try Tool("send", path, "--to", other.path, "--json")
            other.finish()
            let report = try #require(JSONSerialization.jsonObject(with: Data(tool.output.utf8)) as? [String: Any])
            #expect(report["bytes"] as? Int == 1208 && report["slot"] as? Int == 0 && report["installation"] as? Int == 1 && report["resent"] as? Int == 0)
        }
    }

    @Test("what cannot be sent is told in one line, with the status")
    func refusals() throws {
        try withFile(Self.module + [UInt8](repeating: 7, count: 2_000)) { path in
            let board = try FakeBoard()
            let tool = try Tool("send", path, "--to", board.path)
            board.finish()
            #expect(tool.status == 1 && tool.errors.hasSuffix("\(path): is not installed: the module has 3208 bytes, a slot has room for 2016: make it smaller, or the slots larger in the board's linker script\n"))
        }
        try withFile(Self.module) { path in
            let board = try FakeBoard(deafTo: .max)
            let silent = try Tool("send", path, "--to", board.path, "--wait", "20")
            #expect(silent.status == 1 && silent.errors.contains("is not installed: the board gave no answer to 10 frames: is it on this line"))
            // A line that is never silent, and never has an answer.
            let endless = try Tool("send", path, "--to", "/dev/zero", "--wait", "20")
            #expect(endless.status == 1 && endless.errors.contains("is not installed: the board gave no answer to 10 frames: is it on this line"))
            let speed = try Tool("send", path, "--to", board.path, "--speed", "300")
            board.finish()
            #expect(speed.status == 2 && speed.errorLines.count == 1 && speed.errors.contains("--speed: 300 is not offered: use 9600, "))
            let missing = try Tool("send", path, "--to", "/dev/nothing-here")
            #expect(missing.status == 1 && missing.errorLines.count == 1 && missing.errors.contains("/dev/nothing-here: cannot be opened (No such file or directory): "))
            let closed = try Tool("send", path, "--to", "-")
            #expect(closed.status == 1 && closed.errors.contains("-: was closed from the other end"))
            #expect(try Tool("send", path).status == 2)
            #expect(try Tool("send", path, "--to", "-", "--wait", "0").status == 2)
        }
        try withFile(Array("(module)".utf8)) { path in
            let text = try Tool("send", path, "--to", "-")
            #expect(text.status == 1 && text.errorLines.count == 1 && text.errors.contains("is no module: send a .wasm, or the image that mote pack makes of one"))
        }
    }
}
