// Which commands of a file apply to a build: FORMAT.md's rules for `features` and `valid_with`, with the reasons.

/// Walks over the commands of a file, in order.
struct Selection {
    private let build: BuildFeatures
    private let folder: String?
    /// The reason why the current instance is missing, nil if it is there; the same for the others.
    private var current: String?
    private var named: [Name: String?] = [:]
    private var registered: [Name: String?] = [:]
    private var definitions: [Name: String?] = [:]
    private var lastDefinition: String?

    /// `folder` is the name of the folder that the file lies in, such as `simd` or `core-2.0`.
    init(build: BuildFeatures, folder: String) {
        self.build = build
        self.folder = build.missingFolder(folder)
    }

    /// Why the command does not apply, or nil if it does.
    mutating func exclusion(of command: SuiteFile.Command) -> String? {
        if let folder { return "the whole folder needs \(folder)" }
        switch command.type {
        case "module":
            current = missing(for: command)
            if let name = command.name { named[Name(name)] = current }
            return current
        case "module_definition":
            lastDefinition = missing(for: command)
            if let name = command.name { definitions[Name(name)] = lastDefinition }
            return lastDefinition
        case "module_instance":
            current = command.module.map { definitions[Name($0)] ?? nil } ?? lastDefinition
            if let name = command.instance { named[Name(name)] = current }
            return current
        case "assert_unlinkable", "assert_uninstantiable":
            return missing(for: command)
        case "assert_invalid", "assert_malformed":
            return build.exclusion(validWith: command.validWith, text: command.text)
        case "register":
            let reason = command.name.map { named[Name($0)] ?? nil } ?? current
            if let name = command.registeredAs { registered[Name(name)] = reason }
            return reason
        case "assert_exception":
            return build.present.contains("exceptions") ? nil : "needs exceptions"
        case "thread", "wait":
            return "needs threads"
        default:
            guard let action = command.action else { return nil }
            return action.module.map { named[Name($0)] ?? nil } ?? current
        }
    }

    /// Why a module cannot be run: a feature is missing, or a module that it imports from was not run.
    private func missing(for command: SuiteFile.Command) -> String? {
        let features = build.missing(of: command.features)
        if !features.isEmpty { return "needs " + features.joined(separator: ", ") }
        guard registered.values.contains(where: { $0 != nil }), let binary = command.binary else { return nil }
        for module in ImportScan(binary).modules {
            if let reason = registered[module] ?? nil { return reason }
        }
        return nil
    }
}
