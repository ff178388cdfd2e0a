// What a loaded module has and where: scanned in its .wasm, or told by its image.

import Image
import WasmFormat

#if Translator
extension RegionTable {
    func summary(of code: ModuleBlock) throws(LoadError) -> ModuleSummary {
        code.isImage ? image(code).summary() : try ModuleScanner.scan(bytes(of: code))
    }
    @inline(__always) func fill(_ summary: inout ModuleSummary, of code: ModuleBlock) throws(LoadError) {
        if code.isImage { image(code).fill(&summary) } else { summary = try ModuleScanner.scan(bytes(of: code)) }
    }
}
#else
extension RegionTable {
    func summary(of code: ModuleBlock) throws(LoadError) -> ModuleSummary { image(code).summary() }
    @inline(__always) func fill(_ summary: inout ModuleSummary, of code: ModuleBlock) throws(LoadError) { image(code).fill(&summary) }
}
#endif
