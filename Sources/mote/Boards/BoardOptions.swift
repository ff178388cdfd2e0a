// What every command for a board takes: the module, the board, the static configuration.

import ArgumentParser
import BoardConfiguration
import Foundation

struct BoardOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The module, or its image.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("One of the folders of boards/.", valueName: "name"))
    var board: String

    @Option(help: ArgumentHelp("The static configuration: buffers, stacks, features. docs/CONFIG.md has its keys.", valueName: "file.toml"))
    var config: String?

    @Option(help: ArgumentHelp("A rung (minimal, default, full) or a list of traits, in the place of the configuration's features.", valueName: "features"))
    var features: String?

    /// The configuration's file, or the standard one. Throws `Exit`.
    static func configuration(_ path: String?) throws -> StaticConfiguration {
        guard let path else { return .standard }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Exit(.cannotLoad, "\(path): cannot be read: is there such a file? mote build --new-config prints one to start from")
        }
        return try told { try StaticConfiguration(text: String(decoding: bytes, as: UTF8.self), file: path) }
    }

    /// Builds the firmware. Throws `Exit`.
    func build(keepingAt place: String? = nil) throws -> FirmwareBuild {
        let project = try Project()
        return try FirmwareBuild(of: file, for: try project.board(board), in: project, configuration: try Self.configuration(config), features: features, keepingAt: place)
    }
}
