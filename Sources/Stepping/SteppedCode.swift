// The register code of a module as a stepper has it: a copy of the module's own, and what of it is executed.

import RegisterCode
import Runtime

/// Built once, while the module's own code is in its place.
struct SteppedCode {
    let module: Module
    let importedFunctions: UInt32
    /// The module's own, from its code base on.
    let words: [UInt32]
    /// Where each own function's instructions start.
    private let starts: [UInt32]
    /// The module's own with `unreachable` for every word that can be executed.
    let stopping: [UInt32]

    init<H: Host & ~Copyable>(_ module: Module, in runtime: borrowing Runtime<H>) throws(HandleError) {
        self.module = module
        (words, starts) = try runtime.registerCode(of: module)
        importedFunctions = try runtime.functionCounts(module).imported
        var stopping = words
        for function in starts.indices {
            let count = try runtime.functionSize(module, UInt32(function)).words
            for place in Int(starts[function])..<Int(starts[function] + count) where Word(bits: words[place]).op != .callIndirectRest {
                stopping[place] = Word(.unreachable).bits
            }
        }
        self.stopping = stopping
    }

    /// Where a word of a function lies in `words`.
    func place(_ function: UInt32, _ word: UInt32) -> Int { Int(starts[Int(function - importedFunctions)] + word) }

    func word(_ function: UInt32, _ word: UInt32) -> Word { Word(bits: words[place(function, word)]) }
}
