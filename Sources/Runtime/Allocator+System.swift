// The system's malloc, on hosts.

#if !hasFeature(Embedded)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

// Outside the type: its own members are called like these functions.
private func release(_ block: UnsafeMutableRawPointer) { unsafe free(block) }

extension Allocator {
    /// malloc, realloc and free.
    public static var system: Allocator {
        // Safety: what malloc gives is aligned to 16 bytes; blocks come back exactly as they were given.
        unsafe Allocator(arenaBytes: 64 << 10, allocate: { _, bytes, _ in unsafe malloc(bytes) }, reallocate: { _, block, bytes, _ in unsafe realloc(block, bytes) },
                         free: { _, block, _ in unsafe release(block) })
    }
}
#endif
