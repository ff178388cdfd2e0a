// How an application uses the board's memory: the values of its TOML file, each in bounds.

/// A static configuration. That it fits a board `check(against:firmwareBytes:)` proves.
public struct StaticConfiguration: Equatable, Sendable {
    public struct SecondPool: Equatable, Sendable {
        /// Bytes, a multiple of 8.
        public let bytes: UInt32
        public let region: String
        public let uses: Set<SecondPoolUse>
    }

    /// The file, as it was given to the reader.
    public let file: String
    /// Bytes, a multiple of 8; nil: what is left of its region.
    public let pool: UInt32?
    public let poolRegion: String
    public let secondPool: SecondPool?
    /// Bytes; nil: a quarter of its pool, 64 bytes at least, 8 KB at most.
    public let operandStack: UInt32?
    /// Bytes of an aux stack to commit at once.
    public let auxStack: UInt32
    /// Bytes; 0: none.
    public let appHeap: UInt32
    /// Bytes, of which whole pages count; nil: no cap.
    public let memoryCap: UInt32?
    public let overcommit: Bool
    public let commit: Commitment
    public let checksAuxStack: Bool
    /// Bytes, a multiple of 8; nil: as the board has it.
    public let nativeStack: UInt32?
    /// What `swift build --traits` takes: a rung, or traits with commas.
    public let features: String
    /// A flash region; nil: with the firmware.
    public let moduleRegion: String?
    /// The lines of the keys that the file sets.
    let lines: [ConfigurationKey: Int]

    /// The configuration of a file that sets nothing.
    public static var standard: StaticConfiguration {
        // An empty file has no mistake.
        try! StaticConfiguration(text: "", file: "no configuration")
    }

    /// Reads `text`; `file` is for the errors. Throws `FileError` for the first thing that is wrong; regions are checked against a board later.
    public init(text: String, file: String) throws(FileError) {
        let values = try ConfigurationValues(text: text, file: file)
        self.file = file
        lines = values.lines
        pool = try values.bytes(.pool)
        poolRegion = try values.word(.poolRegion)
        let secondBytes = try values.bytes(.secondPool) ?? 0
        let secondRegion = try values.word(.secondPoolRegion)
        let uses = try values.words(.secondPoolUse)
        secondPool = secondBytes == 0 ? nil : SecondPool(
            bytes: secondBytes, region: secondRegion, uses: uses == ["all"] ? Set(SecondPoolUse.allCases) : Set(uses.compactMap(SecondPoolUse.init)))
        operandStack = try values.bytes(.operandStack)
        auxStack = try values.bytes(.auxStack) ?? 0
        appHeap = try values.bytes(.appHeap) ?? 0
        memoryCap = try values.bytes(.memoryCap)
        overcommit = try values.flag(.overcommit)
        commit = Commitment(rawValue: try values.word(.commit)) ?? .touched
        checksAuxStack = try values.flag(.auxStackCheck)
        nativeStack = try values.bytes(.nativeStack)
        features = try values.words(.features).joined(separator: ",")
        moduleRegion = values.isSet(.moduleRegion) ? try values.word(.moduleRegion) : nil
        try checkTogether()
    }

    /// Whether the file sets nothing: the firmware's own configuration is the same.
    public var isStandard: Bool { lines.isEmpty }

    func error(_ key: ConfigurationKey, _ message: String) -> FileError { FileError(file, line: lines[key], "\(key.rawValue): \(message)") }
}
