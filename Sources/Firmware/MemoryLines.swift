// The memory report on the console: the lines that `mote run --memory-report` prints.

import BoardSupport
import Runtime

enum MemoryLines {}

#if Names
extension MemoryLines {
    @inline(never)
    static func write(_ report: MemoryReport) {
        var console = Console()
        report.write(to: &console)
    }
}
#else
extension MemoryLines {
    static func write(_ report: MemoryReport) { Board.writeLine("mote: a build without words has no memory report: add the trait Names") }
}
#endif
