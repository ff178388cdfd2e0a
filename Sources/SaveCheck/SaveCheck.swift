// Runs the embedded module's main as far as its fuel goes, saves the runtime into a file of the host's, and dumps its buffer into another. Or, after a
// new start, restores such a file at another address and finishes the run.
//
//     SaveCheck POLLS SAVED DUMP        the words of the command line
//     SaveCheck 0 SAVED
//
// Or calls an export of any module, and saves it at many points of its way, one behind the other into one file (SaveCheck+Points.swift).
//
//     SaveCheck MODULE POOL SLICE POINTS SAVED EXPORT BITS…
//
//     free RAM   │ a file that is read │ buffer that is restored into │ buffer that is saved │       48 KB each, but for the file

import AppImage
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
        Board.write(try caller.bytes(at: pointer, count: length))
    }
}

@main
struct SaveCheck {
    static var poolBytes: Int { 48 << 10 }

    static func main() {
        var line = InlineArray<512, UInt8>(repeating: 0)
        guard let words = CommandLine.read(into: &line), Int(mote_free_ram_length()) >= 4 * poolBytes else { mote_exit(2) }
        var place = words.lowerBound
        let number = next(line.span, words, &place)
        if number.isEmpty || line[number.lowerBound] > 0x39 || line[number.lowerBound] < 0x30 {
            mote_exit(savePoints(line.span, words, module: number, place) ? 0 : 1)
        }
        let saved = next(line.span, words, &place)
        let dump = next(line.span, words, &place)
        let polls = decimal(line.span, number)
        // Safety: free RAM, which nothing else uses.
        let pool = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram().advanced(by: (polls > 0 ? 3 : 2) * poolBytes), count: poolBytes)
        // Safety: the linker script keeps the module in flash; nothing writes there.
        let module = unsafe UnsafeRawBufferPointer(start: mote_app_bytes(), count: Int(mote_app_length()))
        if polls == 0 { mote_exit(unsafe finish(module, pool, saved: line.span.extracting(saved)) ? 0 : 1) }
        mote_exit(unsafe run(module, pool, polls, saved: line.span.extracting(saved), dump: line.span.extracting(dump)) ? 0 : 1)
    }

    static func decimal(_ line: Span<UInt8>, _ digits: Range<Int>) -> UInt64 {
        var number: UInt64 = 0
        for i in digits { number = number &* 10 &+ UInt64(line[i] &- 0x30) }
        return number
    }

    /// The next word of the command line.
    static func next(_ line: Span<UInt8>, _ words: Range<Int>, _ place: inout Int) -> Range<Int> {
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

    @inline(never) @unsafe
    private static func finish(_ module: UnsafeRawBufferPointer, _ pool: UnsafeMutableRawBufferPointer, saved: Span<UInt8>) -> Bool {
        guard let length = HostFile.read(saved), Int(length) <= 2 * poolBytes else { return false }
        var host = SaveHost()
        let modules: InlineArray<1, UnsafeRawBufferPointer> = unsafe [module]
        do throws(RestoreError) {
            // Safety: the file lies below the buffer; both stay.
            let file = unsafe UnsafeRawBufferPointer(start: mote_free_ram(), count: Int(length))
            var runtime = unsafe try Runtime<SaveHost>(restoring: file, modules: modules.span, buffer: pool)
            guard let environment = runtime.environment(0), let instance = runtime.instance(0), case .function(let main) = try? runtime.export("main", of: instance),
                (try? runtime.resume(environment, host: &host)) == .finished, case .i32(let result) = try? runtime.result(0, of: main, in: environment)
            else { return false }
            Board.write(result)
            Board.writeLine()
            return true
        } catch {
            Board.writeLine(error.words)
            return false
        }
    }
}
