// The memory report on the console: the lines that `mote run --memory-report` prints.

import Board
import Runtime

enum MemoryLines {
    @inline(never)
    static func write(_ report: MemoryReport) {
        #if Names
        var console = Console()
        report.write(to: &console)
        #else
        Board.writeLine("mote: a build without words has no memory report: add the trait Names")
        #endif
    }
}
