// A host that offers nothing.

@testable import Runtime

struct NoHost: Host {
    static var functionCount: Int { 0 }
    static func function(_ index: Int) -> HostFunction { preconditionFailure() }
}
