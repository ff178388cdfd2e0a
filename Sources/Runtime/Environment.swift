// An execution environment in the pool: a header and the operand stack, from whose end the call records grow down.

import WasmFormat

@safe struct EnvironmentBlock {
    let words: Words

    enum Header {
        static var isBusy: UInt32 { 0 }
        static var trapModule: UInt32 { 1 }          // its region │ generation << 8; 0: there is no position
        static var trapInstance: UInt32 { 2 }
        static var trapFunction: UInt32 { 3 }
        static var trapWord: UInt32 { 4 }            // of the function's code
        static var identity: UInt32 { 5 }            // tells a block that is no environment any more
        static var count: UInt32 { 6 }
    }

    var isBusy: Bool {
        get { words[Header.isBusy] != 0 }
        nonmutating set { words[Header.isBusy] = newValue ? 1 : 0 }
    }
    /// The first cell of the operand stack.
    var bottom: Cells { unsafe Cells(words.start + Int(Header.count)) }
    /// Behind the last cell.
    var top: Cells { unsafe Cells(words.start + Int(words.count & ~1)) }
    /// Cells of the operand stack.
    var cells: UInt32 { (words.count & ~1) &- Header.count }
}
