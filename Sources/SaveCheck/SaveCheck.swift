// Runs the embedded module's main as far as its fuel goes, saves the runtime into a file of the host's, and dumps its buffer into another.
//
//     SaveCheck POLLS SAVED DUMP        the words of the command line
//
// The host's tests restore and finish what this began, and look into the dump. A free buffer of 48 KB holds everything.

import AppImage
import Board
import BoardSupport
import Runtime
import Semihosting
import Startup
import WasmFormat

/// As the firmware's, and as the test's: a saved pool knows it by its names and types.
struct SaveHost: Host {
    static var functionCount: Int { 1 }
    static func function(_ index: Int) -> HostFunction { HostFunction("mote", "write") { unsafe answer($0, SaveHost.write) } }

    static func write(_ host: inout SaveHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) {
        let bytes = try caller.bytes(at: pointer, count: length)
        for index in 0..<bytes.byteCount {
            // Safety: the index is below the view's count.
            Board.write(byte: unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        }
    }
}

@main
struct SaveCheck {
    static var poolBytes: Int { 48 << 10 }

    static func main() {
        var line = InlineArray<512, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line), Int(mote_free_ram_length()) >= poolBytes else { mote_exit(2) }
        var place = words.lowerBound
        let number = next(line.span, words, &place)
        let saved = next(line.span, words, &place)
        let dump = next(line.span, words, &place)
        var polls: UInt64 = 0
        for i in number { polls = polls &* 10 &+ UInt64(line[i] &- 0x30) }
        // Safety: free RAM, which nothing else uses.
        let pool = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram(), count: poolBytes)
        // Safety: the linker script keeps the module in flash; nothing writes there.
        let module = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        mote_exit(unsafe run(module, pool, polls, saved: line.span.extracting(saved), dump: line.span.extracting(dump)) ? 0 : 1)
    }

    /// The next word of the command line.
    private static func next(_ line: Span<UInt8>, _ words: Range<Int>, _ place: inout Int) -> Range<Int> {
        let start = place
        while place < words.upperBound, line[place] != 0x20 { place += 1 }
        defer { place += 1 }
        return start..<place
    }

    @inline(never) @unsafe
    private static func run(_ module: UnsafeRawBufferPointer, _ pool: UnsafeMutableRawBufferPointer, _ polls: UInt64, saved: Span<UInt8>, dump: Span<UInt8>) -> Bool {
        var host = SaveHost()
        let none: InlineArray<0, Value> = []
        guard var runtime = unsafe try? Runtime<SaveHost>(buffer: pool), let environment = try? runtime.makeExecutionEnvironment(operandStackBytes: 4096),
            let loaded = unsafe try? runtime.load(module), let instance = try? runtime.instantiate(loaded, links: Span<Link>(), in: environment, host: &host),
            case .function(let main) = try? runtime.export("main", of: instance), let outcome = try? runtime.call(main, none.span, in: environment, fuel: polls, host: &host)
        else { return false }
        Board.writeLine(outcome == .outOfFuel ? "out of fuel" : "ended")
        let isSaved = HostFile.write(saved) { write in
            do throws(SaveError) {
                try runtime.save(to: write)
                return true
            } catch {
                return false
            }
        }
        // Safety: as a debugger reads it.
        return isSaved && HostFile.write(dump) { $0(unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(pool.bindMemory(to: UInt8.self)))) }
    }
}
