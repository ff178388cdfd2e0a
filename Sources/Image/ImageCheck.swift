// The check of a packed image, at every load: one pass, no memory, linear in the image's size whatever it holds (docs/IMAGE.md says why it is enough).
//
// Parts and entries must lie one behind the other: `cursor` is where the next one has to begin, so that no byte is looked at more than a few times and
// none is left over.

import RegisterCode
import WasmFormat

/// What is found out about an image while it is checked. Its functions are all mutating: they are given its place, not a copy of its words.
@safe package struct ImageCheck: ~Escapable {
    let image: ImageBytes
    let bytes: Span<UInt8>

    // Counts, from the header and the module block, which are held against what is there.
    let block: UInt32               // first word
    let typeCount: UInt32
    let importedFunctions: UInt32
    let ownFunctions: UInt32
    let importedGlobals: UInt32
    let globalCells: UInt32
    let tables: UInt32
    let importedMemories: UInt32
    // First words: of the imported functions' types, of the own functions' records.
    let importTypes: UInt32
    let records: UInt32
    var hasMemory = false

    // Where the next constant expression and the next elements must lie, in words.
    var expressions: UInt32 = 0
    var elements: UInt32 = 0

    let instructions = InstructionTable()
    /// The condition that is not looked at: nil but in tests, which show by it that each is needed.
    let ignored: LoadError.ImageCondition?

    typealias Condition = LoadError.ImageCondition

    // MARK: the header

    /// The image that bytes begin with, its header read and found whole. Throws what it is instead.
    @unsafe package static func header(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> ImageBytes {
        guard unsafe ImageBytes.isImage(bytes) else { throw LoadError(.notWasm, at: 0) }
        guard UInt(bitPattern: bytes.baseAddress) & 3 == 0 else { throw LoadError(.imageMisaligned, at: 0) }
        guard let image = unsafe ImageBytes(bytes) else { throw LoadError(.imageTorn, at: UInt32(bytes.count)) }
        let version = image[ImageHeader.version] & 0xffff
        guard version == ImageHeader.currentVersion else {
            throw LoadError(version > ImageHeader.currentVersion ? .imageTooNew : .imageTooOld, at: 4, number: version)
        }
        guard image.headerChecksum() == image[ImageHeader.headerChecksum] else { throw LoadError(.imageTorn, at: ImageHeader.headerChecksum &* 4) }
        guard image[ImageHeader.code] == CodeNumber.value else { throw LoadError(.imageOfOtherCode, at: ImageHeader.code &* 4) }
        let length = image[ImageHeader.length]
        guard length & 3 == 0, length >= ImageHeader.bytes, length / 4 <= image.count else { throw LoadError(.imageTorn, at: ImageHeader.length &* 4) }
        let features = image[ImageHeader.version] &>> 16
        guard features & ~(ImageHeader.floats | ImageHeader.names) == 0 else { throw LoadError(.imageTooNew, at: 4, number: version) }
        if features & ImageHeader.floats != 0, let missing = ImageCheck.missingFloats { throw LoadError(missing: missing, at: 4) }
        return image.first(length / 4)
    }

    #if FloatingPoint
    static var missingFloats: LoadError.Feature? { nil }
    #else
    static var missingFloats: LoadError.Feature? { .floatingPoint }
    #endif

    // MARK: everything else

    /// Checks an image whose header was read. Throws `.imageRefused`, with the place and the condition that does not hold.
    // One copy, in this module: whoever calls it must not get its tables too.
    @export(interface)
    package static func check(_ image: ImageBytes, ignoring ignored: LoadError.ImageCondition? = nil) throws(LoadError) {
        try checkParts(image)
        var check = ImageCheck(image, ignored)
        try check.description()
        try check.code()
        try check.names()
        try check.contents()
    }

    /// Each part begins where the one before it ends, at a multiple of 4, and the block has room for what it counts: from here on every place that is
    /// computed from these is inside the image.
    private static func checkParts(_ image: ImageBytes) throws(LoadError) {
        var before = ImageHeader.bytes
        for part in ImageHeader.parts..<ImageHeader.parts &+ 13 {
            let offset = image[part]
            guard offset & 3 == 0, offset >= before, offset <= image.count &* 4 else { throw LoadError(.imageRefused, at: part &* 4, detail: Condition.layout.rawValue) }
            before = offset
        }
        let block = image.offset(of: .block) / 4
        let words = image.offset(of: .names) / 4 &- block
        guard words >= ModuleHeader.count &+ 2 else { throw LoadError(.imageRefused, at: block &* 4, detail: Condition.layout.rawValue) }
        let types = image[block &+ ModuleHeader.types]
        let functions = image[block &+ ModuleHeader.functions]
        let code = ModuleHeader.count &+ types & 0xffff &+ types &>> 16 &+ (functions & 0xffff) &* 4
        guard image[block &+ ModuleHeader.code] == code, code <= words, image[block &+ ModuleHeader.codeWords] == words &- code, words &- code >= 2,
            image[ImageHeader.codeKind] == ImageHeader.registerCode
        else { throw LoadError(.imageRefused, at: block &* 4, detail: Condition.layout.rawValue) }
    }

    // Inlined: what it makes would be copied to its place.
    @inline(__always) @_lifetime(immortal)
    private init(_ image: ImageBytes, _ ignored: LoadError.ImageCondition?) {
        self.image = image
        bytes = image.bytes
        self.ignored = ignored
        block = image.offset(of: .block) / 4
        let types = image[block &+ ModuleHeader.types]
        (typeCount, importedFunctions) = (types & 0xffff, types &>> 16)
        let functions = image[block &+ ModuleHeader.functions]
        (ownFunctions, globalCells) = (functions & 0xffff, functions &>> 16)
        let globals = image[block &+ ModuleHeader.globals]
        (importedGlobals, tables) = (globals & 0xffff, globals &>> 16)
        importTypes = block &+ ModuleHeader.count &+ typeCount
        records = importTypes &+ importedFunctions
        importedMemories = image[ImageHeader.imports] &>> 24
        expressions = image.offset(of: .expressions) / 4
        elements = image.offset(of: .elements) / 4
    }

    var functionCount: UInt32 { importedFunctions &+ ownFunctions }

    /// The words that a type below the count comes to: cells of parameters │ of results << 8 │ references of parameters << 16 │ of results << 24.
    @inline(__always)
    mutating func typeSummary(_ type: UInt32) -> UInt32 { image[image[block &+ ModuleHeader.count &+ type] / 4 &- 1] }

    /// A part must end where it is said to.
    @inline(__always)
    mutating func end(_ word: UInt32, of part: ImagePart) throws(LoadError) {
        if word != image[part.headerWord &+ 1] / 4 { throw LoadError(.imageRefused, at: part.headerWord &* 4 &+ 4, detail: Condition.layout.rawValue) }
    }

    /// So many words must lie before the end of a part.
    @inline(__always)
    mutating func room(_ words: UInt32, at word: UInt32, in part: ImagePart) throws(LoadError) {
        let end = image[part.headerWord &+ 1] / 4
        if word > end || words > end &- word { throw LoadError(.imageRefused, at: word &* 4, detail: Condition.layout.rawValue) }
    }
}

#if hasFeature(Embedded)
extension ImageCheck {
    /// A condition does not hold at a word.
    @inline(never)
    mutating func refuse(_ condition: Condition, at word: UInt32) throws(LoadError) { throw LoadError(.imageRefused, at: word &* 4, detail: condition.rawValue) }
}
#else
extension ImageCheck {
    /// A condition does not hold at a word. Returns only if it is the one that is not looked at.
    mutating func refuse(_ condition: Condition, at word: UInt32) throws(LoadError) {
        if condition != ignored { throw LoadError(.imageRefused, at: word &* 4, detail: condition.rawValue) }
    }
}
#endif
