// Which instructions put a result into a and nothing else there: the column of the table of shapes that the translator needs on the device.

extension Op {
    /// The branch that is taken when this one is not; nil for what is no such branch. Pairs stand beside each other.
    package var oppositeBranch: Op? {
        if self == .brZ { return .brNZ }
        if self == .brNZ { return .brZ }
        let base = Op.brI32Eq.rawValue
        guard rawValue >= base && rawValue <= Op.brI64GeU.rawValue else { return nil }
        return Op(rawValue: (rawValue &- base) ^ 1 &+ base)
    }

    /// Cells of a that the instruction writes without reading them: 1, 2, or 0 if a is no such destination. Follows from `shape`; a test
    /// compares them. The whole table would cost the device 6 KB of flash.
    package var resultCells: UInt32 {
        switch rawValue {
        case Op.mov.rawValue, Op.const16.rawValue...Op.constK.rawValue, Op.farGet.rawValue, Op.globalGet.rawValue,
             Op.importedGlobalGet.rawValue, Op.i32Add.rawValue...Op.i32Extend16S.rawValue,
             Op.i64Eq.rawValue...Op.i64GeUI.rawValue, Op.f32Add.rawValue...Op.f32Le.rawValue,
             Op.f64Eq.rawValue...Op.load8U.rawValue, Op.load32K.rawValue...Op.load8UK.rawValue,
             Op.load32WI.rawValue...Op.load8UWI.rawValue, Op.load32WK.rawValue...Op.load8UWK.rawValue,
             Op.load32X.rawValue...Op.load8UX.rawValue, Op.load32A.rawValue...Op.load8UA.rawValue, Op.load32SK.rawValue,
             Op.load8S.rawValue...Op.load16S.rawValue, Op.load8SK.rawValue...Op.load16SK.rawValue,
             Op.load8SX.rawValue...Op.load16SX.rawValue: 1
        case Op.mov2.rawValue, Op.const64.rawValue...Op.const64K.rawValue, Op.farGet64.rawValue, Op.globalGet64.rawValue,
             Op.importedGlobalGet64.rawValue, Op.i64Add.rawValue...Op.i64XorK.rawValue,
             Op.i64ExtendS.rawValue...Op.i64ExtendU.rawValue, Op.f64Add.rawValue...Op.f64Div.rawValue, Op.load64.rawValue,
             Op.load64K.rawValue, Op.load64X.rawValue: 2
        default: 0
        }
    }
}
