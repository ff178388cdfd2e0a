// What an import asked for and what it was offered, in words: `import env.led, a function: () -> i32, but what is offered is (i32, i32) -> ()`.
// Firmware without words leaves this file out.
#if Names || !hasFeature(Embedded)

import WasmFormat

extension Runtime where HostType: ~Copyable {
    /// Writes the import at whose entry `instantiate` threw an error of phase `unlinkable`: its names, its kind and type, and the type of what
    /// was found under these names; only the first half where nothing was found. One line, without its end.
    ///
    /// `offset` is the error's, `links` are those that were given. Looks everything up again; takes nothing of the pool.
    public func describeImport<Sink: TextSink & ~Copyable>(at offset: UInt32, of module: Module, links: Span<Link>, to sink: inout Sink) throws(HandleError) {
        try engine.describeImport(at: offset, module, links, hostCount: HostType.functionCount, host: { HostType.function($0) }, to: &sink)
    }
}

extension Engine {
    func describeImport<Sink: TextSink & ~Copyable>(
        at offset: UInt32, _ module: Module, _ links: Span<Link>, hostCount: Int, host: (Int) -> HostFunction, to sink: inout Sink
    ) throws(HandleError) {
        let code = try block(of: module)
        let bytes = bytes(of: code)
        do throws(LoadError) {
            let imports = try summary(of: code).imports
            guard offset >= imports.offset, offset < imports.end else { return }
            var reader = ByteReader(bytes, at: offset)
            let entry = imports.isPacked ? try ImportEntry(packedFrom: &reader) : try ImportEntry(from: &reader)
            sink.write("import ")
            sink.write(entry.module, of: bytes)
            sink.write(".")
            sink.write(entry.name, of: bytes)
            sink.write(", a ")
            sink.write(entry.type.kind.words)
            sink.write(": ")
            switch entry.type {
            case .function(let type): sink.write(try FunctionType(bytes, at: code.typeOffset(type.rawValue)))
            case .table(let type): sink.write(type)
            case .memory(let type): sink.write(type)
            case .global(let type): sink.write(type)
            }
            guard let found = try resolve(entry, bytes, links, hostCount, host) else { return }
            sink.write(", but what is offered is ")
            try describe(found, unless: entry.type.kind, host, to: &sink)
        } catch {
            // An offset that is no entry's: what can be told was told.
        }
    }

    /// The type, after the kind where it is not the expected one.
    private func describe<Sink: TextSink & ~Copyable>(
        _ found: Resolution, unless expected: ExternalKind, _ host: (Int) -> HostFunction, to sink: inout Sink
    ) throws(LoadError) {
        let kind: ExternalKind
        switch found {
        case .host: kind = .function
        case .export(_, let exported, _): kind = exported
        }
        if kind != expected {
            sink.write("a ")
            sink.write(kind.words)
            sink.write(": ")
        }
        switch found {
        case .host(let number): sink.write(host(Int(number)).signature)
        case .export(let owner, .function, let index):
            let target = reference(owner, function: index)
            if target.isHostFunction { return sink.write(host(Int(target.function)).signature) }
            guard let definer = find(target) else { return }
            let code = moduleBlock(definer.module)
            sink.write(try FunctionType(bytes(of: code), at: code.typeOffset(ofFunction: target.function)))
        case .export(let owner, .table, let index):
            let limits = Limits(minimum: table(owner, index).size, maximum: try tableMaximum(owner, index))
            sink.write(TableType(elementType: try elementType(owner, index), limits: limits))
        case .export(let owner, .memory, _):
            let memory = memory(owner)
            let limits = Limits(minimum: memory.pages, maximum: memory.hasMaximum ? memory.maximumPages : nil)
            sink.write(MemoryType(limits: limits, pageShift: UInt8(truncatingIfNeeded: memory.pageShift)))
        case .export(let owner, .global, let index): sink.write(try globalPlace(owner, index).type)
        }
    }
}

extension ImportType {
    fileprivate var kind: ExternalKind {
        switch self {
        case .function: .function
        case .table: .table
        case .memory: .memory
        case .global: .global
        }
    }
}

extension TextSink where Self: ~Copyable {
    /// `(i32, i64) -> f32`, as the types of modules are written.
    public mutating func write(_ signature: HostSignature) {
        write("(")
        for number in 0..<Int(signature.parameterCount) {
            if number > 0 { write(", ") }
            write(signature.parameter(number).words)
        }
        write(") -> ")
        write(signature.result?.words ?? "()")
    }
}
#endif
