// The features that a build has, and what follows for a suite file: FORMAT.md's `features` and `valid_with`.

/// Features by the names that FORMAT.md has for them.
public struct BuildFeatures: Sendable {
    public let present: Set<String>

    /// Every feature of FORMAT.md beyond "2.0 without SIMD".
    public static let known: Set<String> = [
        "simd", "relaxed-simd", "tail-call", "extended-const", "multi-memory", "memory64", "exceptions",
        "function-references", "gc", "legacy-exceptions", "custom-page-sizes", "threads", "wide-arithmetic",
        "custom-descriptors",
    ]

    /// What this build of Mote has.
    public static let ofThisBuild = BuildFeatures(present: ["extended-const", "custom-page-sizes"])

    public init(present: Set<String>) { self.present = present }

    /// The features that a module needs and the build lacks, in alphabetical order.
    func missing(of needed: [String]?) -> [String] {
        (needed ?? []).filter { !present.contains($0) }.sorted()
    }

    /// The feature that the whole folder is about, if the build lacks it: `simd`, `proposals/threads`, `v3/exceptions`…
    /// Files of `v3/gc` are run command by command.
    func missingFolder(_ folder: String) -> String? {
        guard folder != "gc", Self.known.contains(folder), !present.contains(folder) else { return nil }
        return folder
    }

    /// Why a negative test does not hold for this build, or nil if it does.
    func exclusion(validWith: [String]?, text: String?) -> String? {
        for version in validWith ?? [] {
            switch version {
            case "2.0": return "valid in WebAssembly 2.0"
            case "3.0":
                guard let feature = Self.feature(thatAllows: text ?? "") else { return "valid in WebAssembly 3.0" }
                if present.contains(feature) { return "valid with \(feature)" }
            default:
                if present.contains(version) { return "valid with \(version)" }
            }
        }
        return nil
    }

    /// The feature of 3.0 that makes valid what 2.0 rejects with this text; nil if in doubt.
    ///
    /// The suite has four kinds: a second memory, and a memory index where 2.0 has a zero byte (multi-memory); a constant
    /// `global.get` of a global of the module itself (gc); limits as LEBs of 64 bits (memory64).
    private static func feature(thatAllows text: String) -> String? {
        switch text {
        case "multiple memories", "zero byte expected": "multi-memory"
        case "unknown global": "gc"
        case "integer representation too long": "memory64"
        default: nil
        }
    }
}
