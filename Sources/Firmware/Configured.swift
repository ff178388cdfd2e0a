// The static configuration, which boards/build or `mote build` linked into flash.

import AppImage
import Runtime
import WasmFormat

enum Configured {
    /// A word of it: Sources/BoardConfiguration/ConfigurationWord.swift has their meaning.
    static func word(_ number: Int) -> UInt32 {
        // Safety: twelve words, and callers ask for these only.
        unsafe mote_configuration_words()[number]
    }

    /// Whether it is of the layout that this firmware knows.
    static var isKnown: Bool { word(0) == 0x4D43_4601 }

    /// A runtime in the buffers that the link placed, the first one no longer than asked for.
    static func makeRuntime<HostType>(firstPoolBytes: UInt32) throws(LoadError) -> Runtime<HostType> {
        let first = unsafe buffer(word(1), firstPoolBytes)
        guard word(4) > 0 else { return unsafe try Runtime<HostType>(buffer: first) }
        let regions: InlineArray<2, MemoryRegion> = unsafe [
            MemoryRegion(first, for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: word(5)))),
            MemoryRegion(buffer(word(3), word(4)), for: MemoryUse(rawValue: UInt8(truncatingIfNeeded: word(5) &>> 8))),
        ]
        return try Runtime<HostType>(regions: regions.span)
    }

    @unsafe private static func buffer(_ address: UInt32, _ bytes: UInt32) -> UnsafeMutableRawBufferPointer {
        // Safety: the linker gave it to nobody else, 8-byte aligned.
        unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: UInt(address)), count: Int(bytes))
    }
}
