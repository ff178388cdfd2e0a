// swift-tools-version: 6.2
import PackageDescription

/// `host`, with tools and tests; `any` board, with the firmwares; or a folder of boards/, with that board's own code too. boards/build sets it.
let board = Context.environment["BOARD"] ?? "host"

// Lifetimes: spans and cursors that cannot outlive their bytes. RawLayout: Sources/WasmFormat/LentByAddress.swift. Strict memory safety: every `unsafe` is written out, or it does not build.
let strict: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"),
    .enableExperimentalFeature("RawLayout"),
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .treatWarning("EmbeddedRestrictions", as: .warning),
]
// Tests and tools use what Embedded Swift does not have.
let hosted: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes"), .strictMemorySafety()]

var products: [Product] = [.library(name: "Runtime", targets: ["Runtime"])]
var dependencies: [Package.Dependency] = []

// The core: the same on the device and on the host. Dependencies point one way.
var targets: [Target] = [
    .target(name: "WasmFormat", swiftSettings: strict),
    .target(name: "MemoryPool", swiftSettings: strict),
    .target(name: "FloatMath", swiftSettings: strict),
    .target(name: "FloatControl"),
    .target(name: "RegisterCode", swiftSettings: strict),
    .target(name: "Translator", dependencies: ["WasmFormat", "RegisterCode"], swiftSettings: strict),
    .target(name: "Image", dependencies: ["WasmFormat", "RegisterCode"], swiftSettings: strict),
    .target(name: "Runtime", dependencies: [
        "WasmFormat", "MemoryPool", "RegisterCode", "Image",
        .target(name: "Translator", condition: .when(traits: ["Translator"])), .target(name: "FloatMath", condition: .when(traits: ["FloatingPoint"])),
        .target(name: "FloatControl", condition: .when(traits: ["FloatingPoint"])),
    ], swiftSettings: strict),
    .target(name: "ScriptRunner", dependencies: ["Runtime", "WasmFormat"], swiftSettings: strict),
    // Two slots in flash for modules, and the loader's end on the board.
    .target(name: "ModuleStore", dependencies: ["WasmFormat"], swiftSettings: strict),
]

if board == "host" {
    products.append(.executable(name: "mote", targets: ["mote"]))
    dependencies.append(.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"))
    dependencies.append(.package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"))
    targets += [
        .target(name: "SpecScript", dependencies: ["ScriptRunner", "Packing", "WasmFormat"]),
        // Dumps and saved pools, read as hostile bytes.
        .target(name: "PoolDump", dependencies: ["RegisterCode"]),
        // The host's end of the loader.
        .target(name: "ModuleSender", dependencies: ["ModuleStore", "WasmFormat"], swiftSettings: hosted),
        // From .wasm to images.
        .target(name: "Packing", dependencies: ["Runtime", "Image", "RegisterCode", "WasmFormat"], swiftSettings: hosted),
        .target(name: "Stepping", dependencies: ["Runtime", "RegisterCode", "WasmFormat"], swiftSettings: hosted),
        // Boards' manifests and memory maps, an application's static configuration, and what a firmware takes of both memories.
        .target(name: "BoardConfiguration", dependencies: ["TOMLKit"]),
        .executableTarget(
            name: "mote",
            dependencies: [
                "Runtime", "WasmFormat", "RegisterCode", "Image", "Packing", "PoolDump", "Stepping", "ModuleSender", "ModuleStore", "ScriptRunner", "SpecScript",
                "BoardConfiguration", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: hosted),
        .testTarget(name: "WasmFormatTests", dependencies: ["WasmFormat"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        .testTarget(name: "MemoryPoolTests", dependencies: ["MemoryPool"]),
        .testTarget(name: "ModuleStoreTests", dependencies: ["ModuleStore", "ModuleSender"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        .testTarget(name: "FloatMathTests", dependencies: ["FloatMath"]),
        .testTarget(name: "RegisterCodeTests", dependencies: ["RegisterCode"]),
        .testTarget(name: "ImageTests", dependencies: ["Image", "Packing", "Runtime", "RegisterCode", "WasmFormat", "ModuleBuilder", "TestGuests"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "ModuleBuilder", path: "Tests/ModuleBuilder"),
        .testTarget(name: "RuntimeTests", dependencies: ["Runtime", "FloatControl", "Image", "Packing", "RegisterCode", "Stepping", "MemoryPool", "Translator", "WasmFormat", "ModuleBuilder", "TestGuests"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        .testTarget(name: "BoardConfigurationTests", dependencies: ["BoardConfiguration", "TOMLKit"]),
        .testTarget(name: "ReadmeTests", dependencies: ["Runtime", "WasmFormat", "ModuleBuilder"]),
        .testTarget(name: "BudgetTests", dependencies: ["Runtime", "WasmFormat"]),
        .testTarget(name: "SpecTests", dependencies: ["SpecScript", "ScriptRunner", "WasmFormat"]),
        .testTarget(name: "MoteTests", dependencies: ["mote", "ModuleSender", "ModuleStore", "Packing", "PoolDump", "SpecScript", "ScriptRunner", "Runtime", "WasmFormat", "ModuleBuilder"]),
        .testTarget(name: "BoardTests", dependencies: ["BoardConfiguration", "ModuleSender", "ModuleStore", "TestGuests", "Image", "Packing", "PoolDump", "SpecScript", "ScriptRunner", "Runtime", "WasmFormat", "ModuleBuilder"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        // Guests and samples with what they must do; the run of all their mutants, which `make test` makes in a release build.
        .target(name: "TestGuests", dependencies: ["Runtime", "WasmFormat"], path: "Tests/TestGuests", swiftSettings: hosted),
        .executableTarget(name: "mote-mutate", dependencies: ["TestGuests", "Packing", "Image", "Runtime", "WasmFormat", "ModuleBuilder"], path: "Tests/Mutate", swiftSettings: hosted),
        .testTarget(name: "GuestTests", dependencies: ["TestGuests", "Stepping", "Runtime", "WasmFormat"], swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
        .testTarget(name: "MutationTests", dependencies: ["TestGuests", "mote-mutate"]),
    ]
} else {
    // boards/build links: SwiftPM only compiles. `all` is for compiling all at once.
    let firmwares = [
        "EmptyFirmware", "Firmware", "SpecFirmware", "BoardCheck", "StackCheck", "SaveCheck", "PauseCheck", "ReadOnlyCheck", "FaultCheck", "SuperLoop", "SlotLoader",
    ]
    targets += [
        .target(name: "Semihosting"),
        .target(name: "Startup", dependencies: ["Semihosting"]),
        .target(name: "EmbeddedSupport"),
        .target(name: "AppImage"),
        .target(name: "Serial", dependencies: ["Semihosting"], swiftSettings: strict),
        .target(name: "BoardSupport", dependencies: ["Semihosting", "Startup"], swiftSettings: strict),
        .target(name: "MPS2Interrupts", dependencies: ["Startup"]),
        .target(name: "GuestFault", dependencies: ["AppImage", "BoardSupport", "Runtime"], swiftSettings: strict),
        .target(name: "Slots"),
        .target(name: "NRFFlash", dependencies: ["ModuleStore", "Serial"], swiftSettings: strict),
    ]
    for firmware in firmwares {
        var dependencies: [Target.Dependency] = ["AppImage", "BoardSupport", "EmbeddedSupport", "Semihosting", "Startup"]
        switch firmware {
        case "EmptyFirmware", "BoardCheck": break
        case "SpecFirmware": dependencies += ["ScriptRunner", "WasmFormat", "FloatControl"]
        case "SlotLoader": dependencies += ["Runtime", "WasmFormat", "ModuleStore", "NRFFlash", "Slots"]
        case "SuperLoop", "PauseCheck": dependencies += ["Runtime", "WasmFormat", "MPS2Interrupts"]
        case "Firmware", "FaultCheck": dependencies += ["Runtime", "WasmFormat", "GuestFault"]
        default: dependencies += ["Runtime", "WasmFormat"]
        }
        targets.append(.target(name: firmware, dependencies: dependencies, swiftSettings: strict))
    }
    products.append(.library(name: "all", type: .static, targets: firmwares))
    if board != "any" {
        targets.append(.target(name: "Board", dependencies: ["Serial", "Startup"], path: "boards/\(board)", exclude: ["board.toml"], swiftSettings: strict))
    }
}

let package = Package(
    name: "Mote",
    products: products,
    traits: [
        // What a build can leave out. docs/SIZES.md has what each costs; `make sizes` measures it and writes the numbers here too.
        .trait(name: "Translator", description: "Loads any .wasm at run time; without it a build runs packed images only. 59,784 bytes of flash on mps2-an386"),
        .trait(name: "FloatingPoint", description: "f32 and f64 instructions; without it a module that has one is refused. 6,592 bytes of flash on mps2-an386"),
        .trait(name: "Names", description: "Errors and traps in words; without it they are numbers. 23,152 bytes of flash on mps2-an386"),
        // The rungs, each made of them.
        .trait(name: "minimal", description: "The least that runs a module: packed images, integers, errors as numbers. 91,148 bytes of flash on mps2-an386", enabledTraits: []),
        .default(enabledTraits: ["Translator", "FloatingPoint", "Names"]),
        .trait(name: "full", description: "Everything. 180,540 bytes of flash on mps2-an386", enabledTraits: ["Translator", "FloatingPoint", "Names"]),
    ],
    dependencies: dependencies,
    targets: targets
)
