// Reasons in words, for builds with the trait Names.
#if Names

import BoardSupport
import Runtime
import WasmFormat

extension ErrorLine {
    static func writeWords(_ error: LoadError) { Board.write(error.words) }
    static func writeWords(_ trap: Trap) { Board.write(trap.words) }

    /// `import env.led, a function: (i32) -> (), but what is offered is () -> (): `
    static func writeImport(at offset: UInt32, of module: Module, in runtime: borrowing Runtime<BoardHost>) {
        var console = Console()
        // The module is loaded: else there would be no such error.
        try? runtime.describeImport(at: offset, of: module, links: Span<Link>(), to: &console)
        Board.write(": ")
    }
}
#endif
