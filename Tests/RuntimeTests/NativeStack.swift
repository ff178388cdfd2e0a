// How deep the native stack grows: a thread on a painted stack of its own.

import Foundation

/// Runs `body` on a stack of `bytes` bytes and returns how many of them were written to. A stack that is too small ends the program.
func nativeStack(of bytes: Int, _ body: @escaping () -> Void) -> Int {
    let stack = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
    defer { stack.deallocate() }
    _ = stack.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes)
    final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    precondition(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, bytes) == 0)
    var thread = pthread_t()
    let result = pthread_create(&thread, &attributes, { work in
        Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().body()
        return nil
    }, Unmanaged.passRetained(Work(body)).toOpaque())
    precondition(result == 0)
    pthread_join(thread, nil)
    pthread_attr_destroy(&attributes)
    var untouched = 0
    while untouched < bytes, stack.load(fromByteOffset: untouched, as: UInt8.self) == 0xa5 { untouched += 1 }
    return bytes - untouched
}
