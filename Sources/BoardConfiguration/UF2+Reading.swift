// Reads a UF2 file, of which nothing is believed.

extension UF2 {
    /// What a file has, neighbouring blocks joined. Throws `FileError` for what no boot loader would take.
    public static func read(_ bytes: [UInt8], file: String) throws(FileError) -> (segments: [Segment], family: UInt32?) {
        guard !bytes.isEmpty, bytes.count % blockBytes == 0 else {
            throw FileError(file, "\(bytes.count) bytes are no UF2 file, which is blocks of \(blockBytes): copy it again")
        }
        let count = bytes.count / blockBytes
        var segments: [Segment] = []
        var family: UInt32?
        for number in 0..<count {
            let start = number * blockBytes
            func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[start + offset + $1]) << UInt32(8 * $1) } }
            func error(_ message: String) -> FileError { FileError(file, "block \(number) \(message): make the file again") }
            guard word(0) == firstMark, word(4) == secondMark, word(508) == lastMark else { throw error("has no mark of UF2") }
            guard word(20) == number, word(24) == count else { throw error("says it is number \(word(20)) of \(word(24)), of \(count)") }
            guard word(8) & ~hasFamily == 0 else { throw error("has flags that we do not know") }
            guard word(16) == pageBytes, word(12) % UInt32(pageBytes) == 0 else { throw error("is no page of \(pageBytes) bytes") }
            let its = word(8) & hasFamily == 0 ? nil : word(28)
            if number > 0 && its != family { throw error("is of another family than the first") }
            family = its
            let payload = Array(bytes[start + 32..<start + 32 + pageBytes])
            if let last = segments.last, last.end > word(12) { throw error("lies before the end of the one before it") }
            if let last = segments.last, last.end == word(12) {
                segments[segments.count - 1] = Segment(address: last.address, bytes: last.bytes + payload)
            } else {
                segments.append(Segment(address: word(12), bytes: payload))
            }
        }
        return (segments, family)
    }
}
