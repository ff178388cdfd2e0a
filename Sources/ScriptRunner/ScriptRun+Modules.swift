// Commands that hold a module: it loads, links and starts, or it must fail to, at the right step.

import Runtime
import WasmFormat

extension ScriptRun {
    /// How far a module came.
    enum ModuleOutcome {
        case instantiated(UInt8)
        case failed(LoadError)
        case trapped(Trap)
        case tooMany
    }

    /// Loads and instantiates; a module that fails leaves all names as they were.
    mutating func instantiate(_ bytes: ScriptSlice, flags: UInt8) -> ModuleOutcome {
        guard let place = freeEntry() else { return .tooMany }
        let stays = flags & ScriptModuleFlags.stays != 0
        let module: Module
        do throws(LoadError) {
            // Safety: the bytes are part of the script, which outlives the run and is never written to.
            module = unsafe try runtime.load(bytes.bytes)
        } catch {
            return .failed(error)
        }
        do throws(InstantiationError) {
            let links = links.span.extracting(0..<linkCount)
            // The scripts grow memories that they do not touch, beyond what a board has.
            var configuration = InstanceConfiguration()
            configuration.memoryGrowth = .overcommit
            let instance = try runtime.instantiate(module, links: links, in: environment, configuration: configuration, host: &host)
            entries[Int(place)] = Entry(module: module, instance: instance, inUse: true, stays: stays)
            return .instantiated(place)
        } catch {
            switch error {
            case .handle: preconditionFailure()  // Links name entries that stay.
            case .load(let error):
                try? runtime.unload(module)
                return .failed(error)
            case .trapped(let trap, let instance):
                // What it wrote before the trap stays, so functions of it may be in somebody's table.
                if instance == .none {
                    try? runtime.unload(module)
                } else {
                    entries[Int(place)] = Entry(module: module, instance: instance, inUse: true, stays: stays)
                    sweep()
                }
                return .trapped(trap)
            case .paused: preconditionFailure()  // No fuel was given, and no function of this host waits.
            }
        }
    }

    /// Decodes and validates only; nil if the module is good.
    mutating func loadError(_ bytes: ScriptSlice) -> LoadError? {
        do throws(LoadError) {
            // Safety: as in `instantiate`.
            let module = unsafe try runtime.load(bytes.bytes)
            try? runtime.unload(module)
            return nil
        } catch {
            return error
        }
    }

    /// `module`: becomes the current instance, and `slot`'s. If it fails there is none: what is asked of it would else be asked of the one before.
    mutating func module(_ bytes: ScriptSlice, flags: UInt8, slot: Int) -> ScriptFailure.Reason? {
        // The one before gives its memory back first.
        current = Self.none
        sweep()
        switch instantiate(bytes, flags: flags) {
        case .instantiated(let place):
            current = place
            if slot != 0 { slots[slot] = place }
            sweep()
            return nil
        case .failed(let error): return .load(error)
        case .trapped(let trap): return .trapped(trap)
        case .tooMany: return .tooMany
        }
    }

    /// `assert_unlinkable`: valid, and then an import is missing or does not match.
    mutating func assertUnlinkable(_ bytes: ScriptSlice) -> ScriptFailure.Reason? {
        switch instantiate(bytes, flags: 0) {
        case .instantiated:
            sweep()
            return .accepted
        case .failed(let error): return error.phase == .unlinkable ? nil : .load(error)
        case .trapped(let trap): return .trapped(trap)
        case .tooMany: return .tooMany
        }
    }

    /// `assert_uninstantiable`: valid and linked, and then a segment or the start function traps.
    mutating func assertUninstantiable(_ bytes: ScriptSlice, flags: UInt8, trap wanted: ScriptTrap) -> ScriptFailure.Reason? {
        switch instantiate(bytes, flags: flags) {
        case .instantiated:
            sweep()
            return .accepted
        case .failed(let error): return .load(error)
        case .trapped(let trap): return wanted.matches(trap) ? nil : .trapped(trap)
        case .tooMany: return .tooMany
        }
    }

    /// `assert_invalid` and `assert_malformed`: rejected before anything is instantiated. Which of the two a
    /// module is changes between versions of the specification, so both answers are right for both.
    mutating func assertRejected(_ bytes: ScriptSlice) -> ScriptFailure.Reason? {
        guard let error = loadError(bytes) else { return .accepted }
        return error.phase == .malformed || error.phase == .invalid ? nil : .load(error)
    }
}

extension ScriptTrap {
    /// True if `trap` is of the kind that the script names.
    func matches(_ trap: Trap) -> Bool {
        switch self {
        case .any: true
        case .unreachable: trap == .unreachable
        case .integerDivideByZero: trap == .integerDivideByZero
        case .integerOverflow: trap == .integerOverflow
        case .invalidConversion: trap == .invalidConversionToInteger
        case .outOfBoundsMemory: trap == .outOfBoundsMemoryAccess
        case .outOfBoundsTable: trap == .outOfBoundsTableAccess
        case .undefinedElement: trap == .undefinedElement
        case .uninitializedElement: trap == .uninitializedElement
        case .indirectCallTypeMismatch: trap == .indirectCallTypeMismatch
        case .callStackExhausted: trap == .callStackExhausted
        }
    }
}
