// Results, one a line, as `mote run` prints them: `46368:i32`. Floats are told by their bits (`0x3f800000:f32`): the shortest decimal that
// reads back as the same float would need tables of powers of ten.

import BoardSupport
import Runtime

extension Board {
    static func writeLine(_ value: Value) {
        switch value {
        case .i32(let bits):
            write(Int32(bitPattern: bits))
            writeLine(":i32")
        case .i64(let bits):
            let number = Int64(bitPattern: bits)
            if number < 0 { write(byte: 0x2D) }
            write(number.magnitude)
            writeLine(":i64")
        case .f32(let bits):
            write("0x")
            write(hex: bits)
            writeLine(":f32")
        case .f64(let bits):
            write("0x")
            write(hex: UInt32(truncatingIfNeeded: bits &>> 32))
            write(hex: UInt32(truncatingIfNeeded: bits))
            writeLine(":f64")
        case .funcref(let reference): writeLine(reference.isNull ? "null:funcref" : "function:funcref")
        case .externref(let reference):
            if let number = reference.externalNumber { write(number) } else { write("null") }
            writeLine(":externref")
        }
    }
}
