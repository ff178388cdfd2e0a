// Values on the command line: what is read, what is printed.

import Runtime
import Testing

@testable import mote

@Suite struct ValueTextTests {
    @Test(
        "integers are decimal or hexadecimal, signed or unsigned, within 32 bits",
        arguments: [
            ("0", 0), ("-1", 0xffff_ffff), ("4294967295", 0xffff_ffff), ("0xff", 255), ("-0x80000000", 0x8000_0000), ("+7", 7),
        ] as [(String, UInt32)])
    func i32(text: String, bits: UInt32) {
        #expect(ValueText.value(text, as: .i32) == .i32(bits))
    }

    @Test(
        "what is no i32 is refused",
        arguments: ["", "-", "0x", "4294967296", "-2147483649", "1.5", "--1", "0x-1", "seven", " 1"])
    func notI32(text: String) {
        #expect(ValueText.value(text, as: .i32) == nil)
    }

    @Test("i64 has its own range")
    func i64() {
        #expect(ValueText.value("18446744073709551615", as: .i64) == .i64(.max))
        #expect(ValueText.value("-9223372036854775808", as: .i64) == .i64(1 << 63))
        #expect(ValueText.value("18446744073709551616", as: .i64) == nil)
    }

    @Test(
        "floats are decimal, hexadecimal, inf or nan",
        arguments: [
            ("1.5", 0x3fc0_0000), ("-0", 0x8000_0000), ("0x1p3", 0x4100_0000), ("inf", 0x7f80_0000), ("-inf", 0xff80_0000),
            ("nan", 0x7fc0_0000), ("-nan", 0xffc0_0000), ("nan:0x1", 0x7f80_0001), ("1e-45", 1),
        ] as [(String, UInt32)])
    func f32(text: String, bits: UInt32) {
        #expect(ValueText.value(text, as: .f32) == .f32(bits))
    }

    @Test("what is no float is refused", arguments: ["", "x", "nan:0x0", "nan:0x800000", "infinity", "nan(0x1)", "1,5"])
    func notF32(text: String) {
        #expect(ValueText.value(text, as: .f32) == nil)
    }

    @Test("references are null or a host's number")
    func references() {
        #expect(ValueText.value("null", as: .funcref) == .funcref(.null))
        #expect(ValueText.value("0", as: .externref) == .externref(Reference(external: 0)))
        #expect(ValueText.value("3", as: .funcref) == nil)
    }

    @Test("results are decimal with their type, or bits")
    func printing() {
        #expect(ValueText.text(.i32(196_418), hex: false) == "196418:i32")
        #expect(ValueText.text(.i32(0xffff_ffff), hex: false) == "-1:i32")
        #expect(ValueText.text(.i32(0xffff_ffff), hex: true) == "0xffffffff:i32")
        #expect(ValueText.text(.i64(1 << 63), hex: false) == "-9223372036854775808:i64")
        #expect(ValueText.text(.f32(0x3dcc_cccd), hex: false) == "0.1:f32")
        #expect(ValueText.text(.f32(0x3dcc_cccd), hex: true) == "0x3dcccccd:f32")
        #expect(ValueText.text(.f64(0x7ff8_0000_0000_0000), hex: false) == "nan:f64")
        #expect(ValueText.text(.f32(0xff80_0001), hex: false) == "-nan:0x1:f32")
        #expect(ValueText.text(.funcref(.null), hex: false) == "null:funcref")
    }

    @Test("every float that is printed reads back as the same bits")
    func roundTrip() throws {
        var state: UInt32 = 1
        for _ in 0..<2000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let text = ValueText.text(.f32(state), hex: false).dropLast(4)
            #expect(ValueText.value(String(text), as: .f32) == .f32(state))
        }
    }

    @Test("sizes take k, M and G")
    func sizes() {
        #expect(ByteCount(argument: "64k")?.bytes == 65_536)
        #expect(ByteCount(argument: "16M")?.bytes == 16 << 20)
        #expect(ByteCount(argument: "1000")?.bytes == 1000)
        #expect(ByteCount(argument: "8G") == nil)
        #expect(ByteCount(argument: "-1") == nil)
        #expect(ByteCount(bytes: 65_536).defaultValueDescription == "64k")
    }
}
