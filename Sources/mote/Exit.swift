// How `mote` ends: its exit statuses, and the one line that goes with them.

import Foundation

/// Ends the program with a status and, but for success, one line on standard error, after a trap the frames too.
struct Exit: Error {
    enum Status: Int32 {
        case cannotLoad = 1
        case usage = 2
        /// As a shell reports a process that aborted: 128 + SIGABRT.
        case trap = 134
    }

    let status: Status
    let line: String
    /// Lines that follow it: a backtrace.
    let details: String

    init(_ status: Status, _ line: String, details: String = "") {
        self.status = status
        self.line = line
        self.details = details
    }
}

enum StandardError {
    /// One line, and what follows it; `error:` before it is red on a terminal unless NO_COLOR is set (no-color.org).
    static func write(line: String, details: String = "") {
        let isColoured = isatty(2) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        let label = isColoured ? "\u{1b}[1;31merror:\u{1b}[0m " : "error: "
        FileHandle.standardError.write(Data((label + line + "\n" + details).utf8))
    }
}
