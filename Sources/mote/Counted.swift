// Numbers of things in sentences.

/// `1 argument`, `2 arguments`.
func counted(_ count: some BinaryInteger, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
