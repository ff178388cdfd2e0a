// Index spaces: a bare integer is never an index (core specification 2.0, 2.5.1).

/// Names a function type of a module.
package struct TypeIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names a function of a module: imports first, then its own.
package struct FunctionIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names a table of a module: imports first, then its own.
package struct TableIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names a memory of a module: imports first, then its own.
package struct MemoryIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names a global of a module: imports first, then its own.
package struct GlobalIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names an element segment of a module.
package struct ElementIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// Names a data segment of a module.
package struct DataIndex: Equatable {
    package let rawValue: UInt32
    @inline(__always) package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}
