// The seeds, and the mutants of each by number: every truncation, then every changed byte.

import Foundation
import TestGuests

/// A valid module whose mutants are run.
struct Seed {
    let name: String
    let bytes: [UInt8]
    /// Samples are small enough for all 255 other values of each byte; guests have each bit flipped.
    let isSample: Bool
    /// What imports come from: module name and bytes of another sample.
    var links: [(name: String, bytes: [UInt8])] = []

    var changesPerByte: Int { isSample ? 255 : 8 }
    /// As many truncations as bytes, the empty module first, then the changes of each byte.
    var mutantCount: Int { bytes.count * (1 + changesPerByte) }

    func mutation(_ number: Int) -> Mutation {
        guard number >= bytes.count else { return .truncated(number) }
        let change = (number - bytes.count) % changesPerByte
        return .changed((number - bytes.count) / changesPerByte, by: isSample ? UInt8(change + 1) : 1 << UInt8(change))
    }

    /// What a person needs to make the mutant again.
    func text(_ number: Int) -> String {
        switch mutation(number) {
        case .truncated(let count): return "\(name), mutant \(number): cut to \(count) bytes"
        case .changed(let offset, let mask):
            let (old, new) = (bytes[offset], bytes[offset] ^ mask)
            let what = mask.nonzeroBitCount == 1 ? "bit \(mask.trailingZeroBitCount) flipped" : "changed"
            return "\(name), mutant \(number): offset 0x\(String(offset, radix: 16)) \(what), \(hex(old)) to \(hex(new))"
        }
    }

    private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0x0" : "0x") + String(byte, radix: 16) }
}

enum Mutation {
    /// To so many bytes.
    case truncated(Int)
    case changed(Int, by: UInt8)
}

extension Seed {
    /// All guests of expected.txt and all samples, in a fixed order. Throws where a file is missing.
    static func all(guests: URL, samples: URL) throws -> [Seed] {
        var seeds: [Seed] = []
        for guest in try GuestFolder.expected() {
            seeds.append(Seed(name: guest.name + ".wasm", bytes: try GuestFolder.bytes(of: guest.name, in: guests), isSample: false))
        }
        let files = try Sample.all(in: samples)
        for sample in files {
            var seed = Seed(name: sample.name + ".hex", bytes: sample.bytes, isSample: true)
            for link in sample.links {
                guard let other = files.first(where: { $0.name == link.sample }) else {
                    throw NotationError(description: "\(sample): there is no sample \(link.sample)")
                }
                seed.links.append((link.module, other.bytes))
            }
            seeds.append(seed)
        }
        return seeds
    }
}
