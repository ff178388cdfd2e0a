// How floats are computed is the guest's while it runs, and the host's before and behind, host functions included.

#if FloatingPoint
import FloatControl

struct FloatStatus {
    private let host: UInt32

    /// Sets what WebAssembly wants.
    @inline(__always)
    init() {
        host = mote_float_control()
        mote_set_float_control(host & ~mote_float_modes())
    }

    /// Sets what the host had.
    @inline(__always)
    func restore() { mote_set_float_control(host) }
}
#else
struct FloatStatus {
    @inline(__always) init() {}
    @inline(__always) func restore() {}
}
#endif
