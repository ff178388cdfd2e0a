// Exports and what they are, read in place from the module.

import Image
import WasmFormat

extension Engine {


    // MARK: types of functions; changed bytes are the embedder's mistake

    /// The type of a function that is not the host's.
    @_lifetime(immortal)
    func type(of function: Function) throws(HandleError) -> FunctionType {
        guard let block = find(function.definer) else { throw .staleFunction }
        let code = moduleBlock(block.module)
        do throws(LoadError) {
            return try FunctionType(bytes(of: code), at: code.typeOffset(ofFunction: function.reference.function))
        } catch {
            preconditionFailure("module bytes changed")
        }
    }

    /// A function as the embedder has it.
    func handle(_ reference: Reference) -> Function {
        Function(reference: reference, definer: find(reference)?.handle ?? .none)
    }

    /// The export of a name, as handles.
    func export(_ name: Span<UInt8>, of instance: Instance) throws(HandleError) -> Export? {
        let owner = try block(of: instance)
        do throws(LoadError) {
            guard let found = try findExport(owner, named: ByteRange(offset: 0, count: UInt32(name.count)), in: name) else { return nil }
            switch found.kind {
            case .function: return .function(handle(reference(owner, function: found.index)))
            case .table: return .table(Table(exporter: instance, bits: tableReference(owner, found.index).bits, elementType: try elementType(owner, found.index).rawValue))
            case .memory: return .memory(Memory(exporter: instance, bits: memoryReference(owner).bits))
            case .global:
                let place = try globalPlace(owner, found.index)
                return .global(Global(exporter: instance, bits: place.reference.bits, type: place.type.valueType.rawValue, isMutable: place.type.isMutable))
            }
        } catch {
            preconditionFailure("module bytes changed")
        }
    }

    func value(of global: Global) throws(HandleError) -> Value {
        guard find(global.exporter) != nil else { throw .staleGlobal }
        let type = ValueType(rawValue: global.type) ?? .i32
        let words = heap.regions.words(at: HeapReference(bits: global.bits), count: type.cells == 2 ? 2 : 1)
        return Value(type, words[0], type.cells == 2 ? words[1] : 0)
    }
}

extension Value {
    init(_ type: ValueType, _ low: UInt32, _ high: UInt32) {
        let wide = UInt64(low) | UInt64(high) &<< 32
        switch type {
        case .i32: self = .i32(low)
        case .i64: self = .i64(wide)
        case .f32: self = .f32(low)
        case .f64: self = .f64(wide)
        case .funcref: self = .funcref(Reference(bits: low))
        case .externref: self = .externref(Reference(bits: low))
        }
    }

    public var type: ValueType {
        switch self {
        case .i32: .i32
        case .i64: .i64
        case .f32: .f32
        case .f64: .f64
        case .funcref: .funcref
        case .externref: .externref
        }
    }

    /// The low and the high cell; a reference's bits are in the low one.
    var cells: (low: UInt32, high: UInt32) {
        switch self {
        case .i32(let bits), .f32(let bits): (bits, 0)
        case .i64(let bits), .f64(let bits): (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits &>> 32))
        case .funcref(let reference), .externref(let reference): (reference.bits, 0)
        }
    }
}
