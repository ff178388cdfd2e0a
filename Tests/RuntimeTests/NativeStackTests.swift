// No module, valid or not, takes more native stack than another one: depth costs workspace or pool, or is refused.
//
// The figure for boards is in docs/LIMITS.md, and Tests/BoardTests/StackTests.swift holds it for the same modules.

import ModuleBuilder
import Testing

@testable import Runtime
@testable import WasmFormat

/// What the modules may import: see Sources/StackCheck.
private struct StackHost: Host {
    static var functionCount: Int { 2 }
    static func function(_ index: Int) -> HostFunction {
        index == 0 ? HostFunction("host", "sum") { answer($0, StackHost.sum) } : HostFunction("host", "mix") { answer($0, StackHost.mix) }
    }
    static func sum(_ host: inout StackHost, _ caller: inout Caller, _ pointer: UInt32, _ length: UInt32) throws(Trap) -> UInt32 {
        UInt32(try caller.bytes(at: pointer, count: length).byteCount)
    }
    static func mix(
        _ host: inout StackHost, _ caller: inout Caller, _ a: Int32, _ b: Int64, _ c: Int32, _ d: Int64, _ e: Int32, _ f: Int64, _ g: Int32, _ h: Int64
    ) throws(Trap) -> Int64 {
        if a == 0 { throw .host }
        return b &+ d &+ f &+ h
    }
}

@Suite struct NativeStackTests {
    /// How a module ends, in the words of `StackModule`.
    private static func ending(_ module: StackModule, in world: World<StackHost>) -> String {
        func phase(_ error: LoadError) -> String { "\(error.phase)" }
        do {
            let links = module.provider.isEmpty ? [] : [("p", try world.instantiate(world.load(module.provider)))]
            let instance = try world.instantiate(world.load(module.bytes), links: links, fuel: 10_000)
            guard let function = try? world.function("f", of: instance) else { return "instantiated" }
            switch world.call(function, fuel: 10_000) {
            case .values: return "finished"
            case .trap: return world.trapPosition == nil ? "trapped nowhere" : "trapped"
            case .outOfFuel: return "out of fuel"
            case .stale: return "stale"
            }
        } catch let error as LoadError {
            return phase(error)
        } catch let error as InstantiationError {
            switch error {
            case .load(let error): return phase(error)
            case .handle(let error): return "\(error)"
            case .trapped: return world.trapPosition == nil ? "trapped at its start, nowhere" : "trapped at its start"
            case .paused: return "out of fuel at its start"
            }
        } catch {
            return "\(error)"
        }
    }

    @Test("loading, instantiating, running, failing and looking for a trap's place all fit into 64 KB of native stack, and need little of it")
    func depth() throws {
        #if DEBUG
        let most = 56 << 10
        #else
        let most = 32 << 10
        #endif
        var depths: [(String, Int)] = []
        for module in StackModule.all {
            let world = try World(StackHost(), pool: 1 << 20)
            nonisolated(unsafe) var ending = ""
            let used = nativeStack(of: 64 << 10) { ending = Self.ending(module, in: world) }
            #expect(ending == module.ending, "\(module.name)")
            depths.append((module.name, used))
            #expect(used < most, "\(module.name): \(used) bytes")
        }
        let least = depths[0].1
        for (name, used) in depths { #expect(used <= least + most / 4, "\(name): \(used) bytes, a small module \(least)") }
        print("native stack:", depths.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    }
}
