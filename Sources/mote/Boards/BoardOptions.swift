// What every command for a board takes: the module, the board, the static configuration.

import ArgumentParser
import BoardConfiguration
import Foundation

struct BoardOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The module, or its image.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("One of the folders of boards/.", valueName: "name"))
    var board: String

    @OptionGroup var settings: FirmwareOptions

    /// Builds the firmware. Throws `Exit`.
    func build() throws -> FirmwareBuild {
        let project = try Project()
        return try FirmwareBuild(of: file, for: try project.board(board), in: project, configuration: try settings.configuration(), features: settings.features)
    }
}

/// How a firmware is built.
struct FirmwareOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The static configuration: buffers, stacks, features. docs/CONFIG.md has its keys.", valueName: "file.toml"))
    var config: String?

    @Option(help: ArgumentHelp("A rung (minimal, default, full) or a list of traits, in the place of the configuration's features.", valueName: "features"))
    var features: String?

    /// The configuration's file, or the standard one. Throws `Exit`, also for features that there are not.
    func configuration() throws -> StaticConfiguration {
        if let mistake = features.flatMap(ConfigurationKey.mistake(inFeatures:)) { throw Exit(.usage, "--features: \(mistake)") }
        return try config.map { try StaticConfiguration(file: $0) } ?? .standard
    }
}

extension StaticConfiguration {
    /// Reads a file. Throws `Exit`.
    init(file path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Exit(.cannotLoad, "\(path): cannot be read: is there such a file? mote build --new-config prints one to start from")
        }
        self = try told { try StaticConfiguration(text: String(decoding: bytes, as: UTF8.self), file: path) }
    }
}
