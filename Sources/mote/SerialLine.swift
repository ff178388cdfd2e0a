// The line to a board: a serial port as it is, without a terminal's habits; or standard input and output.

import Foundation

/// The system calls; methods below hide their names.
private let posixRead = unsafe Foundation.read
private let posixWrite = unsafe Foundation.write

final class SerialLine {
    enum Event { case byte(UInt8), timeOut, closed }

    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []
    private var place = 0

    /// - Parameter speed: in bits a second; for a serial port.
    init(_ path: String, speed: Int) throws {
        // A line that is closed is an error of the write, and no signal.
        signal(SIGPIPE, SIG_IGN)
        guard path != "-" else {
            (input, output) = (0, 1)
            return
        }
        let descriptor = unsafe path.withCString { unsafe open($0, O_RDWR | O_NOCTTY | O_NONBLOCK) }
        guard descriptor >= 0 else {
            throw Exit(.cannotLoad, "\(path): cannot be opened (\(unsafe String(cString: strerror(errno)))): is the board plugged in, and may you use the port?")
        }
        (input, output) = (descriptor, descriptor)
        guard isatty(descriptor) == 1 else { return }
        guard let rate = Self.rates[speed] else {
            throw Exit(.usage, "--speed: \(speed) is not offered: use \(Self.rates.keys.sorted().map { "\($0)" }.joined(separator: ", "))")
        }
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { throw Exit(.cannotLoad, "\(path): is a terminal that tells no settings: is it a serial port?") }
        unsafe cfmakeraw(&settings)
        unsafe cfsetispeed(&settings, rate)
        unsafe cfsetospeed(&settings, rate)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        guard unsafe tcsetattr(descriptor, TCSANOW, &settings) == 0 else { throw Exit(.cannotLoad, "\(path): does not take \(speed) bits a second: use another --speed") }
    }

    deinit { if input > 1 { close(input) } }

    private static let rates: [Int: speed_t] = [
        9_600: speed_t(B9600), 19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600), 115_200: speed_t(B115200), 230_400: speed_t(B230400),
    ]

    /// The next byte, if one comes in time.
    func read(until deadline: ContinuousClock.Instant) -> Event {
        while place == pending.count {
            guard wait(input, Int16(POLLIN), until: deadline) else { return .timeOut }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            // Safety: the array's own bytes, and its count.
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe posixRead(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .closed }
            (pending, place) = (Array(bytes[..<count]), 0)
        }
        place += 1
        return .byte(pending[place - 1])
    }

    /// False if the line is closed, or takes nothing for so long.
    func write(_ bytes: [UInt8], milliseconds: Int) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard wait(output, Int16(POLLOUT), until: ContinuousClock.now + .milliseconds(milliseconds)) else { return false }
            // Safety: the slice's own bytes, and its count.
            let count = unsafe rest.withUnsafeBytes { unsafe posixWrite(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func wait(_ descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = deadline - ContinuousClock.now
            let milliseconds = max(0, left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000)
            var asked = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = unsafe poll(&asked, 1, Int32(clamping: milliseconds))
            if ready < 0, errno == EINTR { continue }
            return ready > 0
        }
    }
}
