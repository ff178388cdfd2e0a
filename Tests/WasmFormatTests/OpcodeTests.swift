// The opcode table, against itself and against the counts of the specification.

import Testing
import WasmFormat

struct OpcodeTests {
    @Test func `the fast way from byte to opcode is the compiler's`() {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            #expect(Opcode(byte: byte) == Opcode(rawValue: byte), "\(byte)")
            if Opcode(byte: byte) != nil { count += 1 }
        }
        #expect(count == 184)
    }

    @Test func `each byte that is no opcode is an error with a name`() {
        func reason(_ byte: UInt8) -> (LoadError.Reason, UInt16)? {
            do throws(LoadError) { let b = [byte]; var r = ByteReader(b.span); _ = try r.opcode(); return nil } catch {
                return (error.reason, error.detail)
            }
        }
        for byte in UInt8.min...UInt8.max { #expect((reason(byte) == nil) == (Opcode(rawValue: byte) != nil)) }
        #expect(reason(0xfd)! == (.featureMissing, LoadError.Feature.simd.rawValue))
        #expect(reason(0xfe)! == (.featureMissing, LoadError.Feature.threads.rawValue))
        #expect(reason(0xfb)! == (.featureMissing, LoadError.Feature.garbageCollection.rawValue))
        #expect(reason(0x12)! == (.featureMissing, LoadError.Feature.tailCalls.rawValue))
        #expect(reason(0x06)! == (.featureMissing, LoadError.Feature.exceptions.rawValue))
        #expect(reason(0xff)! == (.illegalOpcode, 0))
        #expect(reason(0x27)! == (.illegalOpcode, 0))
    }

    @Test func `0xfc is followed by 0 to 17, padded or not`() throws {
        for number in 0...255 {
            for bytes in [leb(UInt64(number)), [UInt8(number & 0x7f) | 0x80, UInt8(number >> 7) | 0x80, 0x80, 0x80, 0]] {
                var reader = ByteReader(bytes.span)
                let opcode = try? reader.prefixedOpcode(prefixAt: 0)
                #expect((opcode != nil) == (number <= 17))
                if let opcode { #expect(Int(opcode.rawValue) == number) }
            }
        }
    }

    /// What the mnemonic itself says, for all 128 numeric instructions.
    @Test func `signatures agree with the mnemonics`() {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            guard let opcode = Opcode(rawValue: byte) else { continue }
            let name = "\(opcode)"
            guard let signature = opcode.numericSignature else { #expect(!(0x45...0xc4).contains(byte)); continue }
            count += 1
            let types: [(String, ValueType)] = [("i32", .i32), ("i64", .i64), ("f32", .f32), ("f64", .f64)]
            let prefix = types.first { name.hasPrefix($0.0) }!.1
            let rest = name.dropFirst(3)
            // i64ExtendI32S names its operand; i32Eqz does not.
            let source = types.first { rest.contains($0.0.prefix(1).uppercased() + $0.0.dropFirst(1)) }?.1
            let tests = ["Eqz", "Eq", "Ne", "LtS", "LtU", "GtS", "GtU", "LeS", "LeU", "GeS", "GeU", "Lt", "Gt", "Le", "Ge"]
            let unary = ["Eqz", "Clz", "Ctz", "Popcnt", "Abs", "Neg", "Ceil", "Floor", "Trunc", "Nearest", "Sqrt",
                         "Extend8S", "Extend16S", "Extend32S"]
            #expect(signature.operandType == source ?? prefix, "\(name)")
            #expect(signature.resultType == (tests.contains(String(rest)) ? .i32 : prefix), "\(name)")
            #expect(signature.operandCount == (source != nil || unary.contains(String(rest)) ? 1 : 2), "\(name)")
        }
        #expect(count == 128)
    }

    /// What a build without the trait FloatingPoint refuses: every instruction whose mnemonic names a float.
    @Test func `float instructions are those that name one`() {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            if let opcode = Opcode(rawValue: byte) {
                #expect(opcode.isFloat == "\(opcode)".uppercased().contains(/F(32|64)/), "\(opcode)")
                if opcode.isFloat { count += 1 }
            }
            if let opcode = PrefixedOpcode(rawValue: byte) { #expect(opcode.isFloat == "\(opcode)".contains(/F(32|64)/), "\(opcode)") }
        }
        // 6 that move, 12 comparisons, 28 operations, 18 conversions, 4 reinterpretations.
        #expect(count == 68)
    }

    @Test func `loads and stores state their width`() {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            guard let opcode = Opcode(rawValue: byte) else { continue }
            guard let access = opcode.memoryAccess else { #expect(!(0x28...0x3e).contains(byte)); continue }
            count += 1
            let name = "\(opcode)"
            let bits: UInt32 = name.contains("8") ? 8 : name.contains("16") ? 16
                : name.dropFirst(3).contains("32") ? 32 : access.valueType.cells * 32
            #expect(8 << access.naturalAlignment == bits, "\(name)")
            #expect(access.isStore == name.contains("Store"))
            #expect(name.hasPrefix("\(access.valueType)"))
        }
        #expect(count == 23)
    }

    @Test func `errors are eight bytes and traps one`() {
        #expect(MemoryLayout<LoadError>.size == 8 && MemoryLayout<LoadError>.stride == 8)
        #expect(MemoryLayout<Trap>.size == 1)
        #expect(LoadError(.tooManyTypes, at: 3, number: 70_000) == LoadError(.tooManyTypes, at: 3, detail: 65_535))
    }

    @Test func `every reason and trap has words, of one line, and its phase`() {
        var reasons = 0
        for raw in UInt8.min...UInt8.max {
            if let trap = Trap(rawValue: raw) { #expect(!"\(trap.words)".contains("\n") && "\(trap.words)".contains(";")) }
            guard let reason = LoadError.Reason(rawValue: raw) else { continue }
            reasons += 1
            #expect(reason.phase.rawValue == raw >> 6)
            #expect("\(reason.words)".contains(":") && !"\(reason.words)".contains("\n"))
        }
        #expect(reasons == 100)
        #expect("\(LoadError(missing: .simd, at: 0).words)".hasPrefix("SIMD"))
    }
}
