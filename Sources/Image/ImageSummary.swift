// What a checked image has, in the terms of a scanned module: the same readers then read its entries.

import WasmFormat

extension ImageBytes {
    /// The summary of an image that was checked.
    package func summary() -> ModuleSummary {
        var summary = ModuleSummary()
        fill(&summary)
        return summary
    }

    /// The same where it will stay: the whole of it need not be moved.
    package func fill(_ summary: inout ModuleSummary) {
        let imports = self[ImageHeader.imports]
        let globals = self[ImageHeader.globals]
        let segments = self[ImageHeader.segments]
        let block = offset(of: .block) / 4
        summary.importedFunctionCount = self[block &+ ModuleHeader.types] &>> 16
        summary.importedTableCount = imports &>> 16 & 0xff
        summary.importedMemoryCount = imports &>> 24
        summary.importedGlobalCount = self[block &+ ModuleHeader.globals] & 0xffff
        summary.imports = section(.imports, count: imports & 0xffff)
        summary.globals = section(.globals, count: globals & 0xffff)
        let tables = offset(of: .tables) &+ summary.importedTableCount &* 12
        summary.tables = Section(offset: tables, end: offset(of: .memory), count: globals &>> 16, isPacked: true)
        if summary.importedMemoryCount == 0 && offset(of: .memory) != offset(of: .exports) { summary.memories = section(.memory, count: 1) }
        summary.exports = section(.exports, count: self[ImageHeader.exports])
        summary.elements = section(.elementSegments, count: segments & 0xffff)
        summary.data = section(.dataSegments, count: segments &>> 16)
        let start = self[ImageHeader.start]
        summary.hasStart = start != 0
        if start != 0 { summary.start = start &- 1 }
    }

    private func section(_ part: ImagePart, count: UInt32) -> Section {
        // No part that has entries is the last one.
        Section(offset: offset(of: part), end: self[part.headerWord &+ 1], count: count, isPacked: true)
    }
}
