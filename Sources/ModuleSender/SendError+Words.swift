// Why a module was not installed, in one line: what happened, and what to do about it.

import ModuleStore
import WasmFormat

private struct Text: TextSink {
    var text: [UInt8] = []
    mutating func write(byte: UInt8) { text.append(byte) }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        var sink = Text()
        write(to: &sink)
        return String(decoding: sink.text, as: UTF8.self)
    }
}

extension SendError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .store(let error): "\(error)"
        case .noAnswer(let attempts):
            "the board gave no answer to \(attempts) frames: is it on this line, at this speed, with a firmware that has the loader? Then try again; it goes on where it was"
        case .startedAnew(let times): "the board was started anew \(times) times while it received the module: look at its power and its watchdog"
        case .refused(let reason): "the board refused a frame, for reason \(reason): is its firmware of another version than this mote?"
        }
    }
}
