// `answer` for 0 to 8 parameters, with a result and without: overloads, because Embedded Swift has no parameter packs in C closures.

import WasmFormat

// Not private: Swift 6.3.1 in Embedded mode cannot read another module's specialisation of a private generic function back.

@inline(__always)
func call(_ raw: UnsafeMutableRawPointer) -> UnsafeMutablePointer<HostCall> {
    // Safety: only the runtime calls thunks, with a HostCall of its own.
    unsafe raw.assumingMemoryBound(to: HostCall.self)
}

/// Calls a host function, unless it is only asked for its signature.
@inline(__always)
func perform<H: ~Copyable>(_ call: UnsafeMutablePointer<HostCall>, _ place: ArgumentPlace, _ body: (inout H, inout Caller) throws(Trap) -> Void) {
    // Safety: the runtime put its host there, of the type that its table is made for; engine and machine are there whenever the host is.
    guard let host = unsafe call.pointee.host else { return }
    var caller = unsafe Caller(call, place)
    do throws(Trap) {
        try unsafe body(&host.assumingMemoryBound(to: H.self).pointee, &caller)
    } catch {
        unsafe call.pointee.ending |= UInt32(error.rawValue)
    }
}

/// A function of no parameters.
@unsafe public func answer<H: ~Copyable>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    unsafe perform(call, ArgumentPlace()) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller)
    }
}

/// A function of no parameters with a result.
@unsafe public func answer<H: ~Copyable, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    unsafe perform(call, ArgumentPlace()) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller)
        unsafe call.pointee.put(result)
    }
}

/// A function of one parameter.
@unsafe public func answer<H: ~Copyable, A: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a)
    }
}

/// A function of one parameter with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a)
        unsafe call.pointee.put(result)
    }
}

/// A function of two parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b)
    }
}

/// A function of two parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b)
        unsafe call.pointee.put(result)
    }
}

/// A function of three parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c)
    }
}

/// A function of three parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c)
        unsafe call.pointee.put(result)
    }
}

/// A function of four parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c, d)
    }
}

/// A function of four parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c, d)
        unsafe call.pointee.put(result)
    }
}

/// A function of five parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c, d, e)
    }
}

/// A function of five parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c, d, e)
        unsafe call.pointee.put(result)
    }
}

/// A function of six parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c, d, e, f)
    }
}

/// A function of six parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c, d, e, f)
        unsafe call.pointee.put(result)
    }
}

/// A function of seven parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue, G: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F, G) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        unsafe call.pointee.signature.add(G.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    let g = unsafe call.pointee.take(G.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c, d, e, f, g)
    }
}

/// A function of seven parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue, G: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F, G) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        unsafe call.pointee.signature.add(G.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    let g = unsafe call.pointee.take(G.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c, d, e, f, g)
        unsafe call.pointee.put(result)
    }
}

/// A function of eight parameters.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue, G: WasmValue, I: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F, G, I) throws(Trap) -> Void
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        unsafe call.pointee.signature.add(G.self)
        unsafe call.pointee.signature.add(I.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    let g = unsafe call.pointee.take(G.self, &place)
    let i = unsafe call.pointee.take(I.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        try function(&host, &caller, a, b, c, d, e, f, g, i)
    }
}

/// A function of eight parameters with a result.
@unsafe public func answer<H: ~Copyable, A: WasmValue, B: WasmValue, C: WasmValue, D: WasmValue, E: WasmValue, F: WasmValue, G: WasmValue, I: WasmValue, R: WasmValue>(
    _ raw: UnsafeMutableRawPointer, _ function: (inout H, inout Caller, A, B, C, D, E, F, G, I) throws(Trap) -> R
) {
    let call = unsafe call(raw)
    if unsafe call.pointee.host == nil {
        unsafe call.pointee.signature.add(A.self)
        unsafe call.pointee.signature.add(B.self)
        unsafe call.pointee.signature.add(C.self)
        unsafe call.pointee.signature.add(D.self)
        unsafe call.pointee.signature.add(E.self)
        unsafe call.pointee.signature.add(F.self)
        unsafe call.pointee.signature.add(G.self)
        unsafe call.pointee.signature.add(I.self)
        unsafe call.pointee.signature.setResult(R.self)
        return
    }
    var place = ArgumentPlace()
    let a = unsafe call.pointee.take(A.self, &place)
    let b = unsafe call.pointee.take(B.self, &place)
    let c = unsafe call.pointee.take(C.self, &place)
    let d = unsafe call.pointee.take(D.self, &place)
    let e = unsafe call.pointee.take(E.self, &place)
    let f = unsafe call.pointee.take(F.self, &place)
    let g = unsafe call.pointee.take(G.self, &place)
    let i = unsafe call.pointee.take(I.self, &place)
    unsafe perform(call, place) { (host: inout H, caller: inout Caller) throws(Trap) in
        let result = try function(&host, &caller, a, b, c, d, e, f, g, i)
        unsafe call.pointee.put(result)
    }
}
