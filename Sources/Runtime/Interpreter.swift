// The loop: one switch over a closed enum, nothing in it but the instructions themselves. What is rare is out of line.
//
// Look at its machine code after every change (`tools/dispatch FIRMWARE.elf`): `ldr, uxtb, tbh`, no spill of pc, fp, base or fuel.

import RegisterCode
import WasmFormat

/// Runs until something must be decided outside the loop.
@inline(never) @_optimize(speed)
func execute(_ m: UnsafeMutablePointer<Machine>) -> Exit {
    // Safety: `m` is the caller's own variable, for the length of this call.
    var pc = unsafe m.pointee.pc
    var fp = unsafe m.pointee.fp
    let base = unsafe m.pointee.base
    let low = unsafe m.pointee.low
    let limit = unsafe m.pointee.limit
    var fuel = unsafe UInt32(bitPattern: m.pointee.fuel)

    while true {
        let w = pc.word
        pc = pc.advanced(by: 1)
        switch w.op {
        case .exit: return unsafe leaveFinished(m, pc, fp, fuel)
        case .crossReturn: return unsafe leaveCrossReturn(m, pc, fp, fuel)
        case .unreachable: return unsafe trapUnreachable(m, pc, fp, fuel)
        case .zero:
            var i = 0
            let count = Int(w.imm16)
            let first = fp.advanced(by: w.a)
            while i < count {
                first[i] = 0
                i &+= 1
            }

        // MARK: branches. A poll counts where the way leads back: the sign of the distance is the word's last bit.
        // `addBrNZ` writes its cell behind the poll: the instruction is executed again.
        case .jump:
            let distance = w.signedImm16
            let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
            if isSpent { return unsafe leavePoll(m, pc, fp, left) }
            fuel = left
            pc = pc.advanced(by: Int(distance))
        case .brTable:
            let count = w.imm16
            let index = fp[w.a]
            pc = pc.advanced(by: Int(truncatingIfNeeded: index < count ? index : count))
        case .brTableK:
            let table = unsafe m.pointee.kp.advanced(by: -1 &- Int(w.imm16))
            let last = JumpTable(bits: table.word.bits).last
            let index = fp[w.a]
            pc = pc.advanced(by: table.byte(4 &+ Int(truncatingIfNeeded: index < last ? index : last)))
        case .brZ:
            if fp[w.a] == 0 {
                let distance = w.signedImm16
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brNZ:
            if fp[w.a] != 0 {
                let distance = w.signedImm16
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32Eq:
            if fp[w.a] == fp[w.b] {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32Ne:
            if fp[w.a] != fp[w.b] {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtS:
            if Int32(bitPattern: fp[w.a]) < Int32(bitPattern: fp[w.b]) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeS:
            if Int32(bitPattern: fp[w.a]) >= Int32(bitPattern: fp[w.b]) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtU:
            if fp[w.a] < fp[w.b] {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeU:
            if fp[w.a] >= fp[w.b] {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32EqI:
            if fp[w.a] == UInt32(bitPattern: w.signedB) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32NeI:
            if fp[w.a] != UInt32(bitPattern: w.signedB) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtSI:
            if Int32(bitPattern: fp[w.a]) < w.signedB {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeSI:
            if Int32(bitPattern: fp[w.a]) >= w.signedB {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtUI:
            if fp[w.a] < UInt32(bitPattern: w.signedB) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeUI:
            if fp[w.a] >= UInt32(bitPattern: w.signedB) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32EqK:
            if unsafe fp[w.a] == m.pointee.kp.constant(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32NeK:
            if unsafe fp[w.a] != m.pointee.kp.constant(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtSK:
            if unsafe Int32(bitPattern: fp[w.a]) < Int32(bitPattern: m.pointee.kp.constant(w.b)) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeSK:
            if unsafe Int32(bitPattern: fp[w.a]) >= Int32(bitPattern: m.pointee.kp.constant(w.b)) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32LtUK:
            if unsafe fp[w.a] < m.pointee.kp.constant(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI32GeUK:
            if unsafe fp[w.a] >= m.pointee.kp.constant(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64Eq:
            if fp.i64(w.a) == fp.i64(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64Ne:
            if fp.i64(w.a) != fp.i64(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64LtS:
            if Int64(bitPattern: fp.i64(w.a)) < Int64(bitPattern: fp.i64(w.b)) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64GeS:
            if Int64(bitPattern: fp.i64(w.a)) >= Int64(bitPattern: fp.i64(w.b)) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64LtU:
            if fp.i64(w.a) < fp.i64(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .brI64GeU:
            if fp.i64(w.a) >= fp.i64(w.b) {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
        case .addBrNZ:
            let sum = fp[w.a] &+ UInt32(bitPattern: w.signedB)
            if sum != 0 {
                let distance = w.signedC
                let (left, isSpent) = fuel.subtractingReportingOverflow(w.bits &>> 31)
                if isSpent { return unsafe leavePoll(m, pc, fp, left) }
                fuel = left
                pc = pc.advanced(by: Int(distance))
            }
            fp[w.a] = sum

        // MARK: calls
        case .call:
            let (left, isSpent) = fuel.subtractingReportingOverflow(1)
            if isSpent { return unsafe leavePoll(m, pc, fp, left) }
            fuel = left
            // Safety: the index was checked against the module's functions when it was translated.
            let record = unsafe m.pointee.functions + Int(w.imm16)
            let csp = unsafe m.pointee.csp.advanced(by: -2)
            let callee = fp.advanced(by: w.a)
            if unsafe callee.address &+ UInt(record.pointee.stackWords) &* 4 > csp.address { return unsafe trapStack(m, pc, fp, fuel) }
            let codeBase = unsafe m.pointee.codeBase
            csp[0] = unsafe pc.distance(from: m.pointee.kp) | (w.bits & 0xff00) &<< 16
            csp[1] = unsafe m.pointee.kp.distance(from: codeBase)
            unsafe m.pointee.csp = csp
            pc = unsafe codeBase.moved(bytes: Int(truncatingIfNeeded: record.pointee.start))
            unsafe m.pointee.kp = pc
            fp = callee
        case .callIndirect:
            let (left, isSpent) = fuel.subtractingReportingOverflow(1)
            if isSpent { return unsafe leavePoll(m, pc, fp, left) }
            fuel = left
            let index = fp[w.b]
            if unsafe index >= m.pointee.tableSize { return unsafe trapUndefinedElement(m, pc, fp, fuel) }
            // Safety: inside the table, just checked.
            let handle = unsafe m.pointee.elements[Int(truncatingIfNeeded: index)]
            if unsafe (handle ^ m.pointee.tag) > 0xffff { return unsafe leaveIndirect(m, pc, fp, fuel) }
            let number = unsafe (handle & 0xffff) &- m.pointee.importCount
            if unsafe number >= m.pointee.functionCount { return unsafe leaveIndirect(m, pc, fp, fuel) }
            let record = unsafe m.pointee.functions + Int(truncatingIfNeeded: number)
            // Equal types have equal offsets in the module.
            let types = unsafe m.pointee.types
            if unsafe types[w.c] != types[Int(record.pointee.type)] { return unsafe trapSignature(m, pc, fp, fuel) }
            let csp = unsafe m.pointee.csp.advanced(by: -2)
            let callee = fp.advanced(by: w.a)
            if unsafe callee.address &+ UInt(record.pointee.stackWords) &* 4 > csp.address { return unsafe trapStack(m, pc, fp, fuel) }
            let codeBase = unsafe m.pointee.codeBase
            csp[0] = unsafe pc.distance(from: m.pointee.kp) | (w.bits & 0xff00) &<< 16
            csp[1] = unsafe m.pointee.kp.distance(from: codeBase)
            unsafe m.pointee.csp = csp
            pc = unsafe codeBase.moved(bytes: Int(truncatingIfNeeded: record.pointee.start))
            unsafe m.pointee.kp = pc
            fp = callee
        case .callImport:
            let (left, isSpent) = fuel.subtractingReportingOverflow(1)
            if isSpent { return unsafe leavePoll(m, pc, fp, left) }
            let status = unsafe callImported(m, pc, fp, left)
            if status != 0 { return unsafe leaveImport(m, pc, fp, fuel, status) }
            fuel = unsafe UInt32(bitPattern: m.pointee.fuel)
        case .ret:
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.moved(bytes: 0 &- Int(w0 &>> 22))
        case .retFrame:
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.advanced(by: 0 &- Int(w.imm16)).moved(bytes: 0 &- Int(w0 &>> 22))
        case .ret1:
            fp[0] = fp[w.a]
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.moved(bytes: 0 &- Int(w0 &>> 22))
        case .ret64:
            fp.setI64(0, fp.i64(w.a))
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.moved(bytes: 0 &- Int(w0 &>> 22))
        case .retI:
            fp[0] = UInt32(bitPattern: w.signedImm16)
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.moved(bytes: 0 &- Int(w0 &>> 22))
        case .retAdd:
            fp[0] = fp[w.a] &+ fp[w.b]
            let csp = unsafe m.pointee.csp
            let w0 = csp[0]
            let kp = unsafe m.pointee.codeBase.moved(bytes: Int(truncatingIfNeeded: csp[1]))
            unsafe m.pointee.csp = csp.advanced(by: 2)
            unsafe m.pointee.kp = kp
            pc = kp.moved(bytes: Int(w0 & 0x3f_ffff))
            fp = fp.moved(bytes: 0 &- Int(w0 &>> 22))

        // MARK: moves, constants, globals
        case .mov: fp[w.a] = fp[w.b]
        case .mov2:
            let first = fp[w.b]
            let second = fp[w.c]
            fp[w.a] = first
            fp[w.a &+ 1] = second
        case .const16: fp[w.a] = UInt32(bitPattern: w.signedImm16)
        case .constK: fp[w.a] = unsafe m.pointee.kp.constant(Int(w.imm16))
        case .const64:
            let value = w.signedImm16
            fp[w.a] = UInt32(bitPattern: value)
            fp[w.a &+ 1] = UInt32(bitPattern: value &>> 31)
        case .const64K: unsafe fp.setI64(w.a, m.pointee.kp.constant64(Int(w.imm16)))
        case .selZ: if fp[w.c] == 0 { fp[w.a] = fp[w.b] }
        case .selZ64: if fp[w.c] == 0 { fp.setI64(w.a, fp.i64(w.b)) }
        case .farGet: fp[w.a] = fp[Int(w.signedImm16)]
        case .farSet: fp[Int(w.signedImm16)] = fp[w.a]
        case .farGet64: fp.setI64(w.a, fp.i64(Int(w.signedImm16)))
        case .farSet64: fp.setI64(Int(w.signedImm16), fp.i64(w.a))
        case .enterFrame: fp = fp.advanced(by: Int(w.imm16))
        case .globalGet: fp[w.a] = unsafe m.pointee.globals[Int(w.imm16)]
        case .globalSet: unsafe m.pointee.globals[Int(w.imm16)] = fp[w.a]
        case .auxStackSet:
            let value = fp[w.a]
            if unsafe value &- m.pointee.auxStackLowest > m.pointee.auxStackSpan {
                let status = unsafe auxStackLeft(m, w, value)
                if status != 0 { return unsafe leaveStatus(m, pc, fp, fuel, status) }
            }
            unsafe m.pointee.globals[Int(w.imm16)] = value
        case .globalGet64: fp.setI64(w.a, unsafe m.pointee.globals.i64(Int(w.imm16)))
        case .globalSet64: unsafe m.pointee.globals.setI64(Int(w.imm16), fp.i64(w.a))
        case .importedGlobalGet: fp[w.a] = unsafe importedGlobal(m, w)[0]
        case .importedGlobalSet: unsafe importedGlobal(m, w)[0] = fp[w.a]
        case .importedGlobalGet64: fp.setI64(w.a, unsafe importedGlobal(m, w).i64(0))
        case .importedGlobalSet64: unsafe importedGlobal(m, w).setI64(0, fp.i64(w.a))

        // MARK: i32
        case .i32Add: fp[w.a] = fp[w.b] &+ fp[w.c]
        case .i32Sub: fp[w.a] = fp[w.b] &- fp[w.c]
        case .i32Mul: fp[w.a] = fp[w.b] &* fp[w.c]
        case .i32DivS:
            let divisor = Int32(bitPattern: fp[w.c])
            if divisor == 0 { return unsafe trapDivideByZero(m, pc, fp, fuel) }
            let dividend = Int32(bitPattern: fp[w.b])
            if divisor == -1 && dividend == .min { return unsafe trapOverflow(m, pc, fp, fuel) }
            fp[w.a] = UInt32(bitPattern: dividend.dividedReportingOverflow(by: divisor).partialValue)
        case .i32DivU:
            let divisor = fp[w.c]
            if divisor == 0 { return unsafe trapDivideByZero(m, pc, fp, fuel) }
            fp[w.a] = fp[w.b] / divisor
        case .i32RemS:
            let divisor = Int32(bitPattern: fp[w.c])
            if divisor == 0 { return unsafe trapDivideByZero(m, pc, fp, fuel) }
            fp[w.a] = UInt32(bitPattern: Int32(bitPattern: fp[w.b]).remainderReportingOverflow(dividingBy: divisor).partialValue)
        case .i32RemU:
            let divisor = fp[w.c]
            if divisor == 0 { return unsafe trapDivideByZero(m, pc, fp, fuel) }
            fp[w.a] = fp[w.b] % divisor
        case .i32And: fp[w.a] = fp[w.b] & fp[w.c]
        case .i32Or: fp[w.a] = fp[w.b] | fp[w.c]
        case .i32Xor: fp[w.a] = fp[w.b] ^ fp[w.c]
        case .i32Shl: fp[w.a] = fp[w.b] &<< fp[w.c]
        case .i32ShrS: fp[w.a] = UInt32(bitPattern: Int32(bitPattern: fp[w.b]) &>> Int32(bitPattern: fp[w.c]))
        case .i32ShrU: fp[w.a] = fp[w.b] &>> fp[w.c]
        case .i32Rotl: fp[w.a] = rotatedRight(fp[w.b], 0 &- fp[w.c])
        case .i32Rotr: fp[w.a] = rotatedRight(fp[w.b], fp[w.c])
        case .i32AddI: fp[w.a] = fp[w.b] &+ UInt32(bitPattern: w.signedC)
        case .i32MulI: fp[w.a] = fp[w.b] &* UInt32(bitPattern: w.signedC)
        case .i32AndI: fp[w.a] = fp[w.b] & UInt32(bitPattern: w.signedC)
        case .i32OrI: fp[w.a] = fp[w.b] | UInt32(bitPattern: w.signedC)
        case .i32XorI: fp[w.a] = fp[w.b] ^ UInt32(bitPattern: w.signedC)
        case .i32RSubI: fp[w.a] = UInt32(bitPattern: w.signedC) &- fp[w.b]
        case .i32ShlI: fp[w.a] = fp[w.b] &<< w.offset8
        case .i32ShrSI: fp[w.a] = UInt32(bitPattern: Int32(bitPattern: fp[w.b]) &>> Int32(bitPattern: w.offset8))
        case .i32ShrUI: fp[w.a] = fp[w.b] &>> w.offset8
        case .i32RotrI: fp[w.a] = rotatedRight(fp[w.b], w.offset8)
        case .i32AddK: fp[w.a] = unsafe fp[w.b] &+ m.pointee.kp.constant(w.c)
        case .i32MulK: fp[w.a] = unsafe fp[w.b] &* m.pointee.kp.constant(w.c)
        case .i32AndK: fp[w.a] = unsafe fp[w.b] & m.pointee.kp.constant(w.c)
        case .i32OrK: fp[w.a] = unsafe fp[w.b] | m.pointee.kp.constant(w.c)
        case .i32XorK: fp[w.a] = unsafe fp[w.b] ^ m.pointee.kp.constant(w.c)
        case .i32Eq: fp[w.a] = fp[w.b] == fp[w.c] ? 1 : 0
        case .i32Ne: fp[w.a] = fp[w.b] != fp[w.c] ? 1 : 0
        case .i32LtS: fp[w.a] = Int32(bitPattern: fp[w.b]) < Int32(bitPattern: fp[w.c]) ? 1 : 0
        case .i32GeS: fp[w.a] = Int32(bitPattern: fp[w.b]) >= Int32(bitPattern: fp[w.c]) ? 1 : 0
        case .i32LtU: fp[w.a] = fp[w.b] < fp[w.c] ? 1 : 0
        case .i32GeU: fp[w.a] = fp[w.b] >= fp[w.c] ? 1 : 0
        case .i32EqI: fp[w.a] = fp[w.b] == UInt32(bitPattern: w.signedC) ? 1 : 0
        case .i32NeI: fp[w.a] = fp[w.b] != UInt32(bitPattern: w.signedC) ? 1 : 0
        case .i32LtSI: fp[w.a] = Int32(bitPattern: fp[w.b]) < w.signedC ? 1 : 0
        case .i32GeSI: fp[w.a] = Int32(bitPattern: fp[w.b]) >= w.signedC ? 1 : 0
        case .i32LtUI: fp[w.a] = fp[w.b] < UInt32(bitPattern: w.signedC) ? 1 : 0
        case .i32GeUI: fp[w.a] = fp[w.b] >= UInt32(bitPattern: w.signedC) ? 1 : 0
        case .i32Clz: fp[w.a] = UInt32(truncatingIfNeeded: fp[w.b].leadingZeroBitCount)
        case .i32Ctz: fp[w.a] = UInt32(truncatingIfNeeded: fp[w.b].trailingZeroBitCount)
        case .i32Popcnt: fp[w.a] = bitCount(fp[w.b])
        case .i32Extend8S: fp[w.a] = UInt32(bitPattern: Int32(Int8(truncatingIfNeeded: fp[w.b])))
        case .i32Extend16S: fp[w.a] = UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: fp[w.b])))
        case .i32MulAdd: fp[w.a] = fp[w.a] &+ fp[w.b] &* fp[w.c]
        case .i32XorRotrI: fp[w.a] = fp[w.a] ^ rotatedRight(fp[w.b], w.offset8)
        case .i32AddShlI: fp[w.a] = fp[w.a] &+ fp[w.b] &<< w.offset8
        case .i32XorShrI: fp[w.a] = fp[w.a] ^ fp[w.b] &>> w.offset8
        case .i32XorShlI: fp[w.a] = fp[w.a] ^ fp[w.b] &<< w.offset8

        // MARK: i64
        case .i64Add: fp.setI64(w.a, fp.i64(w.b) &+ fp.i64(w.c))
        case .i64Sub: fp.setI64(w.a, fp.i64(w.b) &- fp.i64(w.c))
        case .i64Mul: fp.setI64(w.a, fp.i64(w.b) &* fp.i64(w.c))
        case .i64And: fp.setI64(w.a, fp.i64(w.b) & fp.i64(w.c))
        case .i64Or: fp.setI64(w.a, fp.i64(w.b) | fp.i64(w.c))
        case .i64Xor: fp.setI64(w.a, fp.i64(w.b) ^ fp.i64(w.c))
        case .i64Shl: shiftLeft64(fp, w, fp[w.c])
        case .i64ShrS: shiftRightSigned64(fp, w, fp[w.c])
        case .i64ShrU: shiftRight64(fp, w, fp[w.c])
        case .i64Rotl: rotateLeft64(fp, w, fp[w.c])
        case .i64Rotr: rotateLeft64(fp, w, 0 &- fp[w.c])
        case .i64DivS, .i64DivU, .i64RemS, .i64RemU:
            let trap = divide64(fp, w)
            if trap != 0 { return unsafe leaveTrap(m, pc, fp, fuel, trap) }
        case .i64AddI: fp.setI64(w.a, fp.i64(w.b) &+ widened(w.signedC))
        case .i64MulI: fp.setI64(w.a, fp.i64(w.b) &* widened(w.signedC))
        case .i64AndI: fp.setI64(w.a, fp.i64(w.b) & widened(w.signedC))
        case .i64OrI: fp.setI64(w.a, fp.i64(w.b) | widened(w.signedC))
        case .i64XorI: fp.setI64(w.a, fp.i64(w.b) ^ widened(w.signedC))
        case .i64ShlI: shiftLeft64(fp, w, w.offset8)
        case .i64ShrSI: shiftRightSigned64(fp, w, w.offset8)
        case .i64ShrUI: shiftRight64(fp, w, w.offset8)
        case .i64RotlI: rotateLeft64(fp, w, w.offset8)
        case .i64AddK: unsafe fp.setI64(w.a, fp.i64(w.b) &+ m.pointee.kp.constant64(w.c))
        case .i64MulK: unsafe fp.setI64(w.a, fp.i64(w.b) &* m.pointee.kp.constant64(w.c))
        case .i64AndK: unsafe fp.setI64(w.a, fp.i64(w.b) & m.pointee.kp.constant64(w.c))
        case .i64OrK: unsafe fp.setI64(w.a, fp.i64(w.b) | m.pointee.kp.constant64(w.c))
        case .i64XorK: unsafe fp.setI64(w.a, fp.i64(w.b) ^ m.pointee.kp.constant64(w.c))
        case .i64Eq: fp[w.a] = fp.i64(w.b) == fp.i64(w.c) ? 1 : 0
        case .i64Ne: fp[w.a] = fp.i64(w.b) != fp.i64(w.c) ? 1 : 0
        case .i64LtS: fp[w.a] = Int64(bitPattern: fp.i64(w.b)) < Int64(bitPattern: fp.i64(w.c)) ? 1 : 0
        case .i64GeS: fp[w.a] = Int64(bitPattern: fp.i64(w.b)) >= Int64(bitPattern: fp.i64(w.c)) ? 1 : 0
        case .i64LtU: fp[w.a] = fp.i64(w.b) < fp.i64(w.c) ? 1 : 0
        case .i64GeU: fp[w.a] = fp.i64(w.b) >= fp.i64(w.c) ? 1 : 0
        case .i64EqI: fp[w.a] = fp.i64(w.b) == widened(w.signedC) ? 1 : 0
        case .i64NeI: fp[w.a] = fp.i64(w.b) != widened(w.signedC) ? 1 : 0
        case .i64LtSI: fp[w.a] = Int64(bitPattern: fp.i64(w.b)) < Int64(bitPattern: widened(w.signedC)) ? 1 : 0
        case .i64GeSI: fp[w.a] = Int64(bitPattern: fp.i64(w.b)) >= Int64(bitPattern: widened(w.signedC)) ? 1 : 0
        case .i64LtUI: fp[w.a] = fp.i64(w.b) < widened(w.signedC) ? 1 : 0
        case .i64GeUI: fp[w.a] = fp.i64(w.b) >= widened(w.signedC) ? 1 : 0
        case .i64ExtendS:
            let value = fp[w.b]
            fp[w.a] = value
            fp[w.a &+ 1] = UInt32(bitPattern: Int32(bitPattern: value) &>> 31)
        case .i64ExtendU:
            fp[w.a] = fp[w.b]
            fp[w.a &+ 1] = 0

        // MARK: floats
        #if FloatingPoint
        case .f32Add: fp.setF32(w.a, fp.f32(w.b) + fp.f32(w.c))
        case .f32Sub: fp.setF32(w.a, fp.f32(w.b) - fp.f32(w.c))
        case .f32Mul: fp.setF32(w.a, fp.f32(w.b) * fp.f32(w.c))
        case .f32Div: fp.setF32(w.a, fp.f32(w.b) / fp.f32(w.c))
        case .f32Eq: fp[w.a] = fp.f32(w.b) == fp.f32(w.c) ? 1 : 0
        case .f32Ne: fp[w.a] = fp.f32(w.b) != fp.f32(w.c) ? 1 : 0
        case .f32Lt: fp[w.a] = fp.f32(w.b) < fp.f32(w.c) ? 1 : 0
        case .f32Le: fp[w.a] = fp.f32(w.b) <= fp.f32(w.c) ? 1 : 0
        case .f64Add: fp.setF64(w.a, fp.f64(w.b) + fp.f64(w.c))
        case .f64Sub: fp.setF64(w.a, fp.f64(w.b) - fp.f64(w.c))
        case .f64Mul: fp.setF64(w.a, fp.f64(w.b) * fp.f64(w.c))
        case .f64Div: fp.setF64(w.a, fp.f64(w.b) / fp.f64(w.c))
        case .f64Eq: fp[w.a] = fp.f64(w.b) == fp.f64(w.c) ? 1 : 0
        case .f64Ne: fp[w.a] = fp.f64(w.b) != fp.f64(w.c) ? 1 : 0
        case .f64Lt: fp[w.a] = fp.f64(w.b) < fp.f64(w.c) ? 1 : 0
        case .f64Le: fp[w.a] = fp.f64(w.b) <= fp.f64(w.c) ? 1 : 0
        #else
        case .f32Add, .f32Sub, .f32Mul, .f32Div, .f32Eq, .f32Ne, .f32Lt, .f32Le,
             .f64Add, .f64Sub, .f64Mul, .f64Div, .f64Eq, .f64Ne, .f64Lt, .f64Le:
            return unsafe trapUnreachable(m, pc, fp, fuel)
        #endif

        // MARK: linear memory. Below `limit` the offset and 8 bytes are inside the window, whatever they are; above, an exact look decides.
        case .load32:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load32K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load32WI:
            let address = fp[w.b] &+ UInt32(bitPattern: w.signedC)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load32WK:
            let address = unsafe fp[w.b] &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load32X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load32A:
            let address = w.imm16
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .load8U:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .load8UK:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .load8UWI:
            let address = fp[w.b] &+ UInt32(bitPattern: w.signedC)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .load8UWK:
            let address = unsafe fp[w.b] &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .load8UX:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .load8UA:
            let address = w.imm16
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt8(place))
        case .store32:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store32K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store32WI:
            let address = fp[w.b] &+ UInt32(bitPattern: w.signedC)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store32WK:
            let address = unsafe fp[w.b] &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store32X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store32A:
            let address = w.imm16
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .store8:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .store8K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .store8WI:
            let address = fp[w.b] &+ UInt32(bitPattern: w.signedC)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .store8WK:
            let address = unsafe fp[w.b] &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .store8X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .store8A:
            let address = w.imm16
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store8(place, fp[w.a])
        case .load32SK:
            let address = unsafe fp[w.b] &<< 2 &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = loadUInt32(place)
        case .store32SK:
            let address = unsafe fp[w.b] &<< 2 &+ m.pointee.kp.constant(w.c)
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 4) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store32(place, fp[w.a])
        case .load8S:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt8(place)))
        case .load8SK:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt8(place)))
        case .load8SX:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 1) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt8(place)))
        case .load16U:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt16(place))
        case .load16UK:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt16(place))
        case .load16UX:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(loadUInt16(place))
        case .load16S:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt16(place)))
        case .load16SK:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt16(place)))
        case .load16SX:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp[w.a] = UInt32(bitPattern: Int32(loadInt16(place)))
        case .load64:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp.setI64(w.a, load64(place))
        case .load64K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp.setI64(w.a, load64(place))
        case .load64X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe fp.setI64(w.a, load64(place))
        case .store16:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store16(place, fp[w.a])
        case .store16K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store16(place, fp[w.a])
        case .store16X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 2) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store16(place, fp[w.a])
        case .store64:
            let address = fp[w.b]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance) + Int(w.offset8)
            } else {
                guard let exact = unsafe exactPlace(m, address, w.offset8, 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store64(place, fp.i64(w.a))
        case .store64K:
            let address = fp[w.b]
            let (sum, carry) = unsafe address.addingReportingOverflow(m.pointee.kp.constant(w.c))
            let distance = sum &- low
            let place: UnsafeMutableRawPointer
            if distance < limit && !carry {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, m.pointee.kp.constant(w.c), 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store64(place, fp.i64(w.a))
        case .store64X:
            let address = fp[w.b] &+ fp[w.c]
            let distance = address &- low
            let place: UnsafeMutableRawPointer
            if distance < limit {
                unsafe place = base + Int(truncatingIfNeeded: distance)
            } else {
                guard let exact = unsafe exactPlace(m, address, 0, 8) else { return unsafe leaveMemory(m, pc, fp, fuel) }
                unsafe place = exact
            }
            unsafe store64(place, fp.i64(w.a))

        // MARK: references, tables, the second page
        case .enterReferences, .refFunc, .globalGetRef, .globalSetRef, .importedGlobalGetRef, .importedGlobalSetRef,
             .tableGet, .tableSet, .tableFill, .tableCopy, .tableInit, .tableGrow, .importedAuxStackSet:
            let status = unsafe references(m, w, fp)
            if status != 0 { return unsafe leaveStatus(m, pc, fp, fuel, status) }
        case .extended:
            let status = unsafe extended(m, w, fp)
            if status != 0 { return unsafe leaveStatus(m, pc, fp, fuel, status) }
        case .callIndirectRest,
             .reserved234, .reserved235, .reserved236, .reserved237, .reserved238,
             .reserved239, .reserved240, .reserved241, .reserved242, .reserved243, .reserved244, .reserved245, .reserved246, .reserved247,
             .reserved248, .reserved249, .reserved250, .reserved251, .reserved252, .reserved253, .reserved254:
            return unsafe trapUnreachable(m, pc, fp, fuel)
        }
    }
}
