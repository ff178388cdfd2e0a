// A random edit of an image, the same each time for the same image and number.

/// One to eight changes of words.
struct ImageEdit: CustomStringConvertible {
    private enum Change {
        case set(Int, UInt32)
        case add(Int, UInt32)
        /// A byte of a word: its number from the low end.
        case byte(Int, Int, UInt8)
        case copy(from: Int, to: Int)
        case swap(Int, Int)
    }
    private var changes: [Change] = []

    init(_ image: String, _ number: Int, words: Int) {
        var random = Random(image, number)
        // Half of them are a single change, which gets furthest.
        let count = random.below(2) == 0 ? 1 : 1 + random.below(8)
        // One time in four in the header, which is short.
        func place() -> Int { random.below(4) == 0 ? random.below(min(32, words)) : random.below(words) }
        for _ in 0..<count {
            let word = place()
            switch random.below(6) {
            // Numbers that are often at a limit.
            case 0: changes.append(.set(word, [0, 1, .max, 0x7fff_ffff, 0x8000_0000, 0xffff, 0x1_0000, 4][random.below(8)]))
            case 1: changes.append(.set(word, UInt32(truncatingIfNeeded: random.next())))
            case 2: changes.append(.add(word, UInt32(truncatingIfNeeded: [1, -1, 4, -4, 0x100, -0x100, 0x1_0000, -0x1_0000][random.below(8)])))
            case 3: changes.append(.byte(word, random.below(4), UInt8(truncatingIfNeeded: random.next())))
            case 4: changes.append(.copy(from: random.below(words), to: word))
            default: changes.append(.swap(word, random.below(4) == 0 ? place() : min(word + 1, words - 1)))
            }
        }
    }

    func apply(to words: UnsafeMutableBufferPointer<UInt32>) {
        for change in changes {
            switch change {
            case .set(let word, let value): unsafe words[word] = value
            case .add(let word, let value): unsafe words[word] &+= value
            case .byte(let word, let number, let value): unsafe words[word] = words[word] & ~(0xff << UInt32(number * 8)) | UInt32(value) << UInt32(number * 8)
            case .copy(let from, let to): unsafe words[to] = unsafe words[from]
            case .swap(let a, let b): unsafe words.swapAt(a, b)
            }
        }
    }

    var description: String {
        changes.map { change in
            switch change {
            case .set(let word, let value): "word \(word) = 0x\(String(value, radix: 16))"
            case .add(let word, let value): "word \(word) + \(Int32(bitPattern: value))"
            case .byte(let word, let number, let value): "byte \(number) of word \(word) = \(value)"
            case .copy(let from, let to): "word \(from) over word \(to)"
            case .swap(let a, let b): "words \(a) and \(b) swapped"
            }
        }.joined(separator: ", ")
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random {
    private var state: UInt64

    init(_ name: String, _ number: Int) {
        state = name.utf8.reduce(UInt64(number)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}
