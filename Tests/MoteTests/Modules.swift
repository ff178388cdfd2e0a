// Modules for the tests of the tool, assembled by hand.

enum Modules {
    static let header: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

    static func section(_ id: UInt8, _ contents: [UInt8]) -> [UInt8] { [id, UInt8(contents.count)] + contents }

    static func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    /// Exports `add` (i32, i32) -> i32, `half` (f32) -> f32, `crash` () -> (), which is `unreachable` at offset 0x49,
    /// and `forever` () -> (), an endless loop.
    static let calculator: [UInt8] =
        header
        + section(1, [3, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7d, 1, 0x7d, 0x60, 0, 0])
        + section(3, [4, 0, 1, 2, 2])
        + section(7, [4] + name("add") + [0, 0] + name("half") + [0, 1] + name("crash") + [0, 2] + name("forever") + [0, 3])
        + section(
            10,
            [
                4, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b,
                10, 0, 0x20, 0, 0x43, 0, 0, 0, 0x3f, 0x94, 0x0b,
                3, 0, 0x00, 0x0b,
                7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b,
            ])

    /// `main` prints "hi\n" through mote.write.
    static let hello: [UInt8] =
        header
        + section(1, [2, 0x60, 2, 0x7f, 0x7f, 0, 0x60, 0, 0])
        + section(2, [1] + name("mote") + name("write") + [0, 0])
        + section(3, [1, 1])
        + section(5, [1, 0, 1])
        + section(7, [1] + name("main") + [0, 1])
        + section(10, [1, 8, 0, 0x41, 8, 0x41, 3, 0x10, 0, 0x0b])
        + section(11, [1, 0, 0x41, 8, 0x0b, 3, 0x68, 0x69, 0x0a])

    /// Imports a function `module.name` of type () -> i32.
    static func importing(_ module: String, _ name: String) -> [UInt8] {
        header + section(1, [1, 0x60, 0, 1, 0x7f]) + section(2, [1] + self.name(module) + self.name(name) + [0, 0])
    }

    /// A function of type () -> i32 without a value: invalid.
    static let invalid: [UInt8] =
        header + section(1, [1, 0x60, 0, 1, 0x7f]) + section(3, [1, 0]) + section(7, [1] + name("f") + [0, 0])
        + section(10, [1, 2, 0, 0x0b])

    /// A function that holds an i32x4.splat: needs SIMD.
    static let simd: [UInt8] =
        header + section(1, [1, 0x60, 0, 0]) + section(3, [1, 0])
        + section(10, [1, 7, 0, 0x41, 0, 0xfd, 0x11, 0x1a, 0x0b])

    /// 60,000 pages of memory, and stores at their start and their end: all that lies between must be there.
    static let hungry: [UInt8] =
        header + section(1, [1, 0x60, 0, 0]) + section(3, [1, 0]) + section(5, [1, 0, 0xe0, 0xd4, 3])
        + section(7, [1] + name("_start") + [0, 0])
        + section(10, [1, 20, 0, 0x41, 0, 0x41, 1, 0x36, 2, 0, 0x41, 0xf0, 0xff, 0xff, 0xd2, 0x7e, 0x41, 1, 0x36, 2, 0, 0x0b])

    /// 2 pages of memory, 5 at most, `__heap_base` at 1,000; `main` gives what memory.grow by one gives; `f`, exported too, does nothing.
    static let growing: [UInt8] =
        header + section(1, [2, 0x60, 0, 1, 0x7f, 0x60, 0, 0]) + section(3, [2, 1, 0]) + section(5, [1, 1, 2, 5])
        + section(6, [1, 0x7f, 0, 0x41, 0xe8, 0x07, 0x0b])
        + section(7, [3] + name("f") + [0, 0] + name("main") + [0, 1] + name("__heap_base") + [3, 0])
        + section(10, [2, 2, 0, 0x0b, 6, 0, 0x41, 1, 0x40, 0, 0x0b])

    /// The header of a component (component model).
    static let component: [UInt8] = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]
}
