// A sensor's program in Embedded Swift without a heap: calibrate, filter, average and watch a signal.
//
//   raw signal ─▶ calibration ─▶ median of 5 ─▶ average of 16 ─▶ alarm with hysteresis
//                 (fixed point)   (spikes go)    (noise goes)     (prints, when it changes)
import Mote

/// The last `capacity` samples; the oldest is overwritten.
struct Ring<let capacity: Int> {
    private var samples = InlineArray<capacity, Int32>(repeating: 0)
    private var next = 0
    private(set) var count = 0

    /// Adds a sample and returns the one that it replaces, if the ring was full.
    mutating func push(_ sample: Int32) -> Int32? {
        let old = count == capacity ? samples[next] : nil
        samples[next] = sample
        next = next + 1 == capacity ? 0 : next + 1
        if count < capacity { count += 1 }
        return old
    }

    /// The middle one of the samples by size, by insertion into a sorted copy.
    var median: Int32 {
        var sorted = samples
        for i in 1..<max(count, 1) {
            let sample = sorted[i]
            var hole = i
            while hole > 0 && sorted[hole - 1] > sample {
                sorted[hole] = sorted[hole - 1]
                hole -= 1
            }
            sorted[hole] = sample
        }
        return sorted[count / 2]
    }
}

/// A mean over the last 16 samples that costs one addition and one subtraction a sample.
struct MovingAverage {
    private var ring = Ring<16>()
    private var sum: Int32 = 0

    mutating func add(_ sample: Int32) -> Int32 {
        sum += sample - (ring.push(sample) ?? 0)
        return sum / Int32(ring.count)
    }
}

/// Turns a reading of 12 bits into hundredths of a degree: `reading * gain + offset`.
struct Calibration {
    /// Hundredths of a degree for one step, with 16 bits behind the point.
    var gain: Int32
    /// In hundredths of a degree.
    var offset: Int32

    func degrees(_ reading: Int32) -> Int32 {
        // 64 bits between, because the product of 12 and 22 bits leaves 32; half a unit more rounds to the nearest.
        Int32(truncatingIfNeeded: (Int64(reading) &* Int64(gain) + 0x8000) >> 16) + offset
    }
}

/// An alarm that goes on above `high` and off below `low`, so that noise at the edge does not make it flutter.
struct Alarm {
    let low: Int32
    let high: Int32
    private(set) var isOn = false

    init(low: Int32, high: Int32) {
        self.low = low
        self.high = high
    }

    /// Whether the state has changed.
    mutating func update(_ value: Int32) -> Bool {
        let before = isOn
        if value > high { isOn = true }
        if value < low { isOn = false }
        return isOn != before
    }
}

/// The sensor: a slow triangle with noise and, at times, a spike. Readings of 12 bits.
struct Signal {
    private var time: Int32 = 0
    private var noise: UInt32 = 2463534242

    mutating func read() -> Int32 {
        noise ^= noise &<< 13
        noise ^= noise &>> 17
        noise ^= noise &<< 5
        let phase = time % 512
        time += 1
        var reading = 900 + (phase < 256 ? phase : 511 - phase) * 6
        reading += Int32(noise & 63) - 32
        if noise & 0x3f00 == 0 { reading += 1500 }
        return min(max(reading, 0), 4095)
    }
}

/// A line of text that is put together on the stack; at most 64 bytes, the rest is dropped.
struct Line {
    private var bytes = InlineArray<64, UInt8>(repeating: 0)
    private var count = 0

    mutating func add(byte: UInt8) {
        guard count < 64 else { return }
        bytes[count] = byte
        count += 1
    }

    mutating func add(_ text: StaticString) {
        for i in 0..<text.utf8CodeUnitCount { add(byte: text.utf8Start[i]) }
    }

    mutating func add(_ number: UInt32) {
        if number >= 10 { add(number / 10) }
        add(byte: UInt8(truncatingIfNeeded: 48 + number % 10))
    }

    /// Adds hundredths as a number with two places behind the point.
    mutating func add(hundredths value: Int32) {
        if value < 0 { add(byte: 45) }
        add(value.magnitude / 100)
        add(byte: 46)
        add(byte: UInt8(truncatingIfNeeded: 48 + value.magnitude / 10 % 10))
        add(byte: UInt8(truncatingIfNeeded: 48 + value.magnitude % 10))
    }

    mutating func print() {
        add(byte: 10)
        let length = UInt32(count)
        let span = bytes.span
        span.withUnsafeBufferPointer { mote_write($0.baseAddress, length) }
    }
}

/// A checksum over numbers (the steps of FNV-1a, a word at a time).
struct Checksum {
    private(set) var value: UInt32 = 2166136261

    mutating func mix(_ number: Int32) {
        value = (value ^ UInt32(bitPattern: number)) &* 16777619
    }
}

/// Runs `samples` samples through the chain. Returns a checksum of every value on its way.
func watch(samples: Int32, printing: Bool) -> UInt32 {
    var signal = Signal()
    let calibration = Calibration(gain: 2 * 65536 + 23593, offset: -1850)
    var recent = Ring<5>()
    var average = MovingAverage()
    var alarm = Alarm(low: 2500, high: 2800)
    var checksum = Checksum()
    var warmest = Int32.min
    for time in 0..<samples {
        let degrees = calibration.degrees(signal.read())
        _ = recent.push(degrees)
        let clean = recent.median
        let mean = average.add(clean)
        warmest = max(warmest, mean)
        checksum.mix(degrees)
        checksum.mix(clean)
        checksum.mix(mean)
        if alarm.update(mean) {
            checksum.mix(time)
            guard printing else { continue }
            var line = Line()
            line.add(alarm.isOn ? "alarm on  at " : "alarm off at ")
            line.add(UInt32(bitPattern: time))
            line.add(": ")
            line.add(hundredths: mean)
            line.print()
        }
    }
    if printing {
        var line = Line()
        line.add("warmest: ")
        line.add(hundredths: warmest)
        line.print()
    }
    return checksum.value
}

/// `watch(n)`: the checksum over `n` samples, without output.
@_expose(wasm, "watch")
@_cdecl("sensor_watch")
public func exportedWatch(_ samples: Int32) -> UInt32 {
    watch(samples: samples, printing: false)
}

@_expose(wasm, "main")
@_cdecl("guest_main")
public func exportedMain() -> Int32 {
    Int32(bitPattern: watch(samples: 1500, printing: true))
}
