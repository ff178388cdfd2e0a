// The table of limits: the largest module that this runtime takes (core specification 2.0, appendix "Implementation
// Limitations", lets every implementation set its own). What is larger fails with phase `exhausted`.

/// Each limit with its reason. A module from C++ or Rust of several megabytes stays far below all of them.
package enum ImplementationLimits {
    /// Bytes of a module. Reason: `.moduleTooLarge`. Keeps every offset far below 2³¹.
    package static var moduleSize: UInt32 { 64 * 1024 * 1024 }
    /// Function types. Reason: `.tooManyTypes`.
    package static var types: UInt32 { 16_384 }
    /// Imports of all kinds. Reason: `.tooManyImports`.
    package static var imports: UInt32 { 65_535 }
    /// Functions, imported and own: the index fits 16 bits. Reason: `.tooManyFunctions`.
    package static var functions: UInt32 { 65_535 }
    /// Tables, imported and own: the index fits 8 bits. Reason: `.tooManyTables`.
    package static var tables: UInt32 { 255 }
    /// Globals, imported and own. Reason: `.tooManyGlobals`.
    package static var globals: UInt32 { 65_535 }
    /// Exports. Reason: `.tooManyExports`.
    package static var exports: UInt32 { 65_535 }
    /// Element segments. Reason: `.tooManyElementSegments`.
    package static var elementSegments: UInt32 { 65_535 }
    /// Entries of one element segment. Reason: `.tooManyElements`.
    package static var elements: UInt32 { 1_048_576 }
    /// Data segments. Reason: `.tooManyDataSegments`.
    package static var dataSegments: UInt32 { 65_535 }
    /// Parameters of a function type, and the 32-bit cells that they take. Reason: `.tooManyParameters`.
    package static var parameters: UInt32 { 240 }
    /// Results of a function type, and the 32-bit cells that they take. Reason: `.tooManyResults`.
    package static var results: UInt32 { 240 }
    /// Locals of a function, parameters included. Reason: `.tooManyLocals`.
    package static var locals: UInt32 { 65_535 }
    /// Bytes of a name. Reason: `.nameTooLong`.
    package static var nameLength: UInt32 { 65_535 }
    /// Bytes of a function body, its local declarations included. Reason: `.functionBodyTooLarge`.
    package static var functionBodySize: UInt32 { 4 * 1024 * 1024 }
    /// Values that wait on the stack of a constant expression. Reason: `.constantExpressionTooDeep`.
    package static var constantExpressionDepth: UInt32 { 16 }
    /// Bytes of a constant expression, its `end` included. Reason: `.constantExpressionTooLong`. A bound on the time that one step takes.
    package static var constantExpressionLength: UInt32 { 1_024 }
}
