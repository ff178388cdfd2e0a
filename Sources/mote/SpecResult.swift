// The results of `mote spec`, added up over files.

import Foundation
import ScriptRunner
import SpecScript

struct SpecResult: Encodable {
    struct Counts: Encodable {
        var passed: UInt32 = 0
        var failed: UInt32 = 0
        var skipped: UInt32 = 0
    }

    struct File: Encodable {
        let file: String
        let passed: UInt32
        let failed: UInt32
        let skipped: UInt32
        let reasons: [Reason]
    }

    /// Why commands of a file were skipped.
    struct Reason: Encodable {
        let reason: String
        let assertions: Int
        let others: Int
    }

    private(set) var total = Counts()
    private(set) var files: [File] = []
    /// Files that could not be run: a line each.
    var errors: [String] = []

    mutating func add(_ outcome: SpecOutcome) {
        let counts = outcome.counts
        total.passed += counts.passed
        total.failed += counts.failed
        total.skipped += counts.skipped
        let reasons = outcome.skips.map { Reason(reason: $0.reason, assertions: $0.assertions, others: $0.others) }
        files.append(
            File(
                file: outcome.name, passed: counts.passed, failed: counts.failed, skipped: counts.skipped, reasons: reasons))
    }

    var closingLine: String { "\(total.passed) passed, \(total.failed) failed, \(total.skipped) skipped" }

    func json() throws -> String {
        return try StandardOutput.json(self)
    }
}
