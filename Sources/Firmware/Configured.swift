// The static configuration, which boards/build or `mote build` linked into flash.

import AppImage
import Runtime
import Startup
import WasmFormat

enum Configured {
    /// A word of it: Sources/BoardConfiguration/ConfigurationWord.swift has their meaning.
    static func word(_ number: Int) -> UInt32 {
        // Safety: twelve words, and callers ask for these only.
        unsafe mote_configuration_words()[number]
    }

    /// Whether it is of the layout that this firmware knows.
    static var isKnown: Bool { word(0) == 0x4D43_4601 }

    /// Polls of the guest between two feedings of the watchdog, where the board has one: 0.1 s at 16 MHz, if each fills 256 bytes.
    private static var watchdogInterval: UInt32 { 1_000 }

    /// A runtime in the buffers that the link placed, the first one no longer than asked for.
    static func makeRuntime<HostType>(firstPoolBytes: UInt32) throws(LoadError) -> Runtime<HostType> {
        var configuration = Configuration()
        if mote_has_watchdog() { configuration.watchdogInterval = watchdogInterval }
        let first = unsafe buffer(word(1), firstPoolBytes)
        guard word(4) > 0 else { return unsafe try Runtime<HostType>(buffer: first, configuration: configuration) }
        let regions: InlineArray<2, MemoryRegion> = unsafe [
            MemoryRegion(first, for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: word(5)))),
            MemoryRegion(buffer(word(3), word(4)), for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: word(5) &>> 8))),
        ]
        return try Runtime<HostType>(regions: regions.span, configuration: configuration)
    }

    @unsafe private static func buffer(_ address: UInt32, _ bytes: UInt32) -> UnsafeMutableRawBufferPointer {
        // Safety: the linker gave it to nobody else, 8-byte aligned.
        unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: UInt(address)), count: Int(bytes))
    }
}
