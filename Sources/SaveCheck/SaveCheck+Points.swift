// A call of any module, paused after every so many polls and saved there: the file that comes of it holds one saved pool behind the other.
//
//     free RAM   │ module, up to a multiple of 8 │ pool │

import BoardSupport
import Runtime
import Semihosting
import Startup
import WasmFormat

extension SaveCheck {
    /// Whether the call ended as it should, after all saves were written. Its results are printed as bits, one a line.
    static func savePoints(_ line: Span<UInt8>, _ words: Range<Int>, module: Range<Int>, _ place: Int) -> Bool {
        var place = place
        let poolBytes = Int(decimal(line, next(line, words, &place)))
        let slice = decimal(line, next(line, words, &place))
        let points = decimal(line, next(line, words, &place))
        let saved = next(line, words, &place)
        let export = next(line, words, &place)
        guard let length = HostFile.read(line.extracting(module)) else { return false }
        let start = (Int(length) + 7) & ~7
        guard start + poolBytes <= Int(mote_free_ram_length()), slice > 0 else { return false }
        // Safety: both lie in free RAM, which nothing else uses; they do not overlap.
        let bytes = unsafe UnsafeRawBufferPointer(start: mote_free_ram(), count: Int(length))
        let pool = unsafe UnsafeMutableRawBufferPointer(start: mote_free_ram().advanced(by: start), count: poolBytes)
        var host = SaveHost()
        guard var runtime = unsafe try? Runtime<SaveHost>(buffer: pool), let environment = try? runtime.makeExecutionEnvironment(operandStackBytes: 8192),
            let loaded = unsafe try? runtime.load(bytes), let instance = try? runtime.instantiate(loaded, links: Span<Link>(), in: environment, host: &host),
            case .function(let function) = try? runtime.export(line.extracting(export), of: instance)
        else { return false }
        var arguments = InlineArray<8, Value>(repeating: .i32(0))
        var count = 0
        while place < words.upperBound, count < 8 {
            let bits = decimal(line, next(line, words, &place))
            switch try? runtime.parameterType(count, of: function) {
            case .i64?: arguments[count] = .i64(bits)
            case .f32?: arguments[count] = .f32(UInt32(truncatingIfNeeded: bits))
            case .f64?: arguments[count] = .f64(bits)
            case .funcref?: arguments[count] = .funcref(.null)
            case .externref?: arguments[count] = .externref(.null)
            default: arguments[count] = .i32(UInt32(truncatingIfNeeded: bits))
            }
            count += 1
        }
        var outcome = Outcome.finished
        let isSaved = HostFile.write(line.extracting(saved)) { write in
            guard let first = try? runtime.call(function, arguments.span.extracting(first: count), in: environment, fuel: 0, host: &host) else { return false }
            outcome = first
            var number: UInt64 = 0
            while outcome == .outOfFuel {
                if number < points {
                    guard (try? runtime.save(to: write)) != nil else { return false }
                    number += 1
                }
                guard let next = try? runtime.resume(environment, fuel: number < points ? slice : nil, host: &host) else { return false }
                outcome = next
            }
            return true
        }
        guard isSaved else { return false }
        Board.writeLine(outcome == .finished ? "finished" : "ended")
        return true
    }
}
