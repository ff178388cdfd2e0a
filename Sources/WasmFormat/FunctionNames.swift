// The name of a function: from the custom section "name" (core specification 2.0, 7.4.1), else of its first export.

/// Looks names up in a module that was loaded. Takes no memory; time in proportion to what lies before the name.
package enum FunctionNames {
    /// Where the name of a function (imports first) lies. A name section that is not as it should be has none from there on: it is no part of the module's
    /// meaning, and nobody has validated it.
    package static func find(_ function: UInt32, in bytes: Span<UInt8>) -> ByteRange? {
        do throws(LoadError) {
            var reader = ByteReader(bytes, at: 8)
            var exported: ByteRange?
            while !reader.isAtEnd {
                let id = try reader.byte()
                let size = try reader.u32()
                var section = try reader.take(size, lengthAt: reader.offset)
                if id == 7, exported == nil { exported = try exportName(of: function, in: &section) }
                guard id == 0, isNameSection(try section.name(), in: bytes) else { continue }
                return noted(function, in: &section) ?? exported
            }
            return exported
        } catch {
            return nil
        }
    }

    /// Calls a closure with each function that the name section names, in its order; ends where it is not as it should be.
    package static func each(in bytes: Span<UInt8>, _ body: (UInt32, ByteRange) -> Void) {
        do throws(LoadError) {
            var reader = ByteReader(bytes, at: 8)
            while !reader.isAtEnd {
                let id = try reader.byte()
                let size = try reader.u32()
                var section = try reader.take(size, lengthAt: reader.offset)
                guard id == 0, isNameSection(try section.name(), in: bytes) else { continue }
                while !section.isAtEnd {
                    let id = try section.byte()
                    let size = try section.u32()
                    var part = try section.take(size, lengthAt: section.offset)
                    guard id == 1 else { continue }
                    for _ in 0..<(try part.u32()) {
                        let function = try part.u32()
                        body(function, try part.name())
                    }
                }
                return
            }
        } catch {
            // What was named was named.
        }
    }

    private static func isNameSection(_ name: ByteRange, in bytes: Span<UInt8>) -> Bool {
        let at = Int(name.offset)
        return name.count == 4 && bytes[at] == 0x6e && bytes[at &+ 1] == 0x61 && bytes[at &+ 2] == 0x6d && bytes[at &+ 3] == 0x65
    }

    @_lifetime(section: copy section)
    private static func exportName(of function: UInt32, in section: inout ByteReader) throws(LoadError) -> ByteRange? {
        for _ in 0..<(try section.u32()) {
            let entry = try ExportEntry(from: &section)
            if entry.kind == .function && entry.index == function { return entry.name }
        }
        return nil
    }

    /// Subsection 1: a vector of index and name.
    @_lifetime(section: copy section)
    private static func noted(_ function: UInt32, in section: inout ByteReader) -> ByteRange? {
        do throws(LoadError) {
            while !section.isAtEnd {
                let id = try section.byte()
                let size = try section.u32()
                var part = try section.take(size, lengthAt: section.offset)
                guard id == 1 else { continue }
                for _ in 0..<(try part.u32()) {
                    let index = try part.u32()
                    let name = try part.name()
                    if index == function { return name }
                }
                return nil
            }
            return nil
        } catch {
            return nil
        }
    }
}
