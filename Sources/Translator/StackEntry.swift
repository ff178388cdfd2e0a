// One value of the operand stack while a function is translated: where it is, or how it will be made.
//
//     kind:8  type:8  cell:16  payload:32          8 bytes in the translator's workspace

import WasmFormat

/// How a value on the operand stack is to be had.
enum EntryKind: UInt8 {
    case temporary      // in its home cell
    case local          // still in the local's cell `cell`
    case constant       // payload; for 64-bit types sign-extended
    case pooled         // a 64-bit constant: payload is its index in the function's pool
    case sum            // i32: cell + payload, with wrap-around
    case scaled         // i32: (cell << 2) + payload, with wrap-around
    case comparison     // i32: the translator's pending comparison; only ever on top
    case reference      // in reference cell `cell`
}

struct StackEntry {
    var kind: EntryKind
    /// A value type's byte; 0 where unreachable code leaves it open.
    var type: UInt8
    var cell: UInt16
    var payload: UInt32

    static var unknownType: UInt8 { 0 }

    init(_ kind: EntryKind, _ type: ValueType, cell: UInt32 = 0, payload: UInt32 = 0) {
        self.kind = kind
        self.type = type.rawValue
        self.cell = UInt16(truncatingIfNeeded: cell)
        self.payload = payload
    }

    init(unknownTemporary: Void) {
        kind = .temporary
        type = Self.unknownType
        cell = 0
        payload = 0
    }

    var valueType: ValueType? { ValueType(rawValue: type) }
    var cells: UInt32 { type == Self.unknownType ? 0 : valueType?.cells ?? 0 }
    var isReference: Bool { type == ValueType.funcref.rawValue || type == ValueType.externref.rawValue }
    /// Whether the value changes when the local in `local` does.
    func reads(local: UInt32) -> Bool {
        (kind == .local || kind == .sum || kind == .scaled) && UInt32(cell) == local
    }
    func isConstant32(_ value: inout UInt32) -> Bool {
        guard kind == .constant else { return false }
        value = payload
        return true
    }
}

/// An entry that was popped, with the cell that it would have if it were in its place.
struct Operand {
    var entry: StackEntry
    var home: UInt32
}
