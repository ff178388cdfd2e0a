// The seeds, and the mutants of each by number: of a .wasm every truncation, then every changed byte; of an image every flipped bit, then random edits.

import Foundation
import Packing
import TestGuests

/// A valid module whose mutants are run.
struct Seed {
    enum Kind {
        /// Has each bit flipped.
        case guest
        /// Small enough for all 255 other values of each byte.
        case sample
        /// The packed image of either. The checksums are made anew after each change, so that what refuses it is the check of everything else.
        case image
    }

    let name: String
    let bytes: [UInt8]
    let kind: Kind
    /// Random edits of an image.
    var edits = 0
    /// What imports come from: module name and bytes of another sample.
    var links: [(name: String, bytes: [UInt8])] = []
    /// False for a sample of a feature that this build does not have: it is refused as it is, and has no image.
    var isSupported = true

    var changesPerByte: Int { kind == .sample ? 255 : 8 }
    /// As many truncations as bytes, the empty module first, then the changes of each byte; no truncations of an image, but edits behind.
    var mutantCount: Int { kind == .image ? bytes.count * changesPerByte + edits : bytes.count * (1 + changesPerByte) }

    func mutation(_ number: Int) -> Mutation {
        if kind == .image {
            let flips = bytes.count * 8
            return number < flips ? .changed(number / 8, by: 1 << UInt8(number % 8)) : .edited(ImageEdit(name, number - flips, words: bytes.count / 4))
        }
        guard number >= bytes.count else { return .truncated(number) }
        let change = (number - bytes.count) % changesPerByte
        return .changed((number - bytes.count) / changesPerByte, by: kind == .sample ? UInt8(change + 1) : 1 << UInt8(change))
    }

    /// What a person needs to make the mutant again.
    func text(_ number: Int) -> String {
        switch mutation(number) {
        case .edited(let edit): return "\(name), mutant \(number): \(edit)"
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
    /// Of words of an image.
    case edited(ImageEdit)
}

extension Seed {
    /// Edits of all images together, at least.
    static var imageEdits: Int { 100_000 }

    /// All guests of expected.txt and all samples, and their images, in a fixed order. Throws where a file is missing.
    static func all(guests: URL, samples: URL) throws -> [Seed] {
        var seeds: [Seed] = []
        for guest in try GuestFolder.expected() {
            seeds.append(Seed(name: guest.name + ".wasm", bytes: try GuestFolder.bytes(of: guest.name, in: guests), kind: .guest))
        }
        let files = try Sample.all(in: samples)
        for sample in files {
            var seed = Seed(name: sample.name + ".hex", bytes: sample.bytes, kind: .sample, isSupported: sample.isSupported)
            for link in sample.links {
                guard let other = files.first(where: { $0.name == link.sample }) else {
                    throw NotationError(description: "\(sample): there is no sample \(link.sample)")
                }
                seed.links.append((link.module, other.bytes))
            }
            seeds.append(seed)
        }
        let packed = seeds.filter(\.isSupported)
        let edits = (imageEdits + packed.count - 1) / packed.count
        return seeds + (try packed.map { seed in
            Seed(name: seed.name + ".mote", bytes: try Packing.pack(seed.bytes), kind: .image, edits: edits, links: seed.links)
        })
    }
}
