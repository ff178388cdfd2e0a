// The register code of a module beside the wasm it came from: the seam to the disassembler.

import WasmFormat

/// The lines that `mote inspect --code` prints; nil if this build has no disassembler.
///
/// The lead connects `RegisterCode`'s `Disassembler` here: for each function of `description.functions` a heading, then one
/// line an instruction.
func listing(of module: borrowing Memory, _ description: ModuleDescription) -> [String]? {
    nil
}
