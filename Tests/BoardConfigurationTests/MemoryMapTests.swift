// Memory maps out of linker scripts.

@testable import BoardConfiguration
import Testing

@Suite("A memory map")
struct MemoryMapTests {
    @Test("has regions, what they are, and the stack")
    func regions() throws {
        let map = try Samples.map()
        #expect(map.regions.map(\.name) == ["FLASH", "QSPI", "RAM", "CCM"])
        #expect(map.flash.map(\.name) == ["FLASH", "QSPI"])
        #expect(map.ram.map(\.name) == ["RAM", "CCM"])
        #expect(map.region(named: "CCM") == MemoryMap.Region(name: "CCM", isWritable: true, start: 0x1000_0000, bytes: 16384, line: 8))
        #expect(map.stackBytes == 8192 && map.stackLine == 10)
    }

    @Test("reads sums, decimal numbers and PROVIDE")
    func sums() throws {
        let text = "MEMORY { FLASH (rx) : ORIGIN = 0x10000000 + 256, LENGTH = 2M - 256 RAM (RWX) : ORIGIN = 536870912, LENGTH = 262144 }\nPROVIDE(__stack_size = 2K);"
        let map = try MemoryMap(text: text, file: "pico.ld")
        #expect(map.regions.map(\.start) == [0x1000_0100, 0x2000_0000])
        #expect(map.regions.map(\.bytes) == [(2 << 20) - 256, 262144])
        #expect(map.stackBytes == 2048)
    }

    @Test("is refused with its line and a remedy", arguments: [
        ("MEMORY", "REGIONS", "sample.ld:1: there is no MEMORY block: add one with the regions FLASH and RAM"),
        ("slow */", "slow", "sample.ld:6: a comment without end: add */"),
        ("CCM   (rw)", "RAM   (rw)", "sample.ld:8: the region RAM is on line 7 already: rename one of them"),
        ("org = 0x10000000", "org = 0x2000fff8", "sample.ld:8: CCM overlaps RAM of line 7: correct ORIGIN or LENGTH"),
        ("CCM   (rw)", "CCM", "sample.ld:8: CCM has no attributes: write (rx) for flash, (rw) for RAM"),
        ("CCM   (rw)", "CCM (q)", "sample.ld:8: CCM: the attributes q are not known: write (rx) for flash, (rw) for RAM"),
        ("org =", "start =", "sample.ld:8: CCM has no ORIGIN: write ORIGIN = …"),
        ("len = 16K", "len = ALL", "sample.ld:8: CCM: LENGTH is no number that we can read: write bytes, 0x…, K or M"),
        ("len = 16K", "len = 0", "sample.ld:8: CCM: 0 bytes at 0x10000000 is empty or ends beyond 4 GB: correct ORIGIN or LENGTH"),
        ("0x90000000, LENGTH = 1M", "0x90000000, LENGTH = 2G", "sample.ld:6: QSPI: 2,147,483,648 bytes at 0x90000000 is empty or ends beyond 4 GB: correct ORIGIN or LENGTH"),
        ("len = 16K", "len = 1K - 2K", "sample.ld:8: CCM: LENGTH is below 0 or beyond 64 bits: correct the sum"),
        ("= 8K;", "= 8001;", "sample.ld:10: __stack_size = 8001 is no multiple of 8: use 8008"),
        ("__stack_size = 8K;", "", "sample.ld:11: __stack_size is not set: add __stack_size = 8K;"),
        ("RAM   (rw)", "SRAM  (rw)", "sample.ld:3: MEMORY has no region RAM: name the main one so"),
        ("RAM   (rw)", "RAM   (rx)", "sample.ld:7: RAM has the wrong attributes: write (rw) behind its name"),
        ("FLASH (rx)", "FLASH (rwx)", "sample.ld:5: FLASH has the wrong attributes: write (rx) behind its name"),
        ("QSPI  (r)  :", "QSPI  (r)  ;", "sample.ld:6: here must stand :, not ;: correct it"),
    ])
    func refusals(old: String, new: String, message: String) {
        let text = Samples.script.replacing(old, with: new, maxReplacements: 1)
        #expect(Samples.refusal { _ = try MemoryMap(text: text, file: "sample.ld") } == message)
    }

    @Test("can be cut off anywhere without a crash")
    func truncations() {
        for count in 0..<Samples.script.utf8.count {
            let text = String(decoding: Array(Samples.script.utf8).prefix(count), as: UTF8.self)
            _ = try? MemoryMap(text: text, file: "sample.ld")
        }
    }
}
