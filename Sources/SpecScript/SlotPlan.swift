// Which named instances get a slot, and for how long: from the command that makes one to its last use.

import ScriptRunner

/// Names that no later command uses get no slot, so the runner can tear their instances down at once.
struct SlotPlan {
    /// Commands (by index) whose instance is used by name later.
    private(set) var isUsedLater: Set<Int> = []
    /// After a command: the names that nothing uses any more.
    private(set) var lastUses: [Int: [Name]] = [:]
    private var slots: [Name: Int] = [:]

    init(_ commands: [SuiteFile.Command]) {
        var live: Set<Name> = []
        for (index, command) in commands.enumerated().reversed() {
            if let name = Self.bound(by: command), live.remove(name) != nil { isUsedLater.insert(index) }
            let used = command.type == "register" ? command.name : command.action?.module
            if let used = used.map(Name.init), live.insert(used).inserted { lastUses[index, default: []].append(used) }
        }
    }

    /// Whether an instance has a slot now.
    var hasSlots: Bool { !slots.isEmpty }

    /// The name that a command gives to an instance.
    static func bound(by command: SuiteFile.Command) -> Name? {
        switch command.type {
        case "module": command.name.map(Name.init)
        case "module_instance": command.instance.map(Name.init)
        default: nil
        }
    }

    /// Whether a command makes an instance that is current from then on.
    static func isModule(_ command: SuiteFile.Command) -> Bool { command.type == "module" || command.type == "module_instance" }

    /// The slot for a name from now on.
    mutating func bind(_ name: Name) throws -> Int {
        if let slot = slots[name] { return slot }
        let taken = Set(slots.values)
        guard let slot = (1...ScriptFormat.slotCount).first(where: { !taken.contains($0) }) else {
            throw SuiteError("more than \(ScriptFormat.slotCount) named instances at one time")
        }
        slots[name] = slot
        return slot
    }

    /// The slot of a name, 0 (the current instance) for none.
    func slot(_ name: String?) throws -> Int {
        guard let name else { return 0 }
        guard let slot = slots[Name(name)] else { throw SuiteError("no instance is named \(name)") }
        return slot
    }

    mutating func free(_ name: Name) -> Int? { slots.removeValue(forKey: name) }
}
