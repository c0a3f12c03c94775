/// What a fan-out sends: which run, which message, when it was due, and then always the same.
///
/// All of it is ASCII without quotes or spaces, so that it survives in whatever an object makes of
/// the message: `~rk`, the run in 8 hex digits, the number in 8, the nanoseconds in 16, and letters.
struct FanOutMessage: Sendable {
    struct Reading: Equatable {
        let number: UInt32
        let due: Int64
        /// The letters behind are as they were sent.
        let isWhole: Bool
    }

    /// The shortest payload.
    static let byteCountMin = 35
    private static let markByteCount = 11

    private let mark: [UInt8]
    private let letters: [UInt8]

    /// `payloadBytes` is at least `byteCountMin`.
    init(run: UInt32, payloadBytes: Int) {
        mark = Array("~rk".utf8) + Self.hex(UInt64(run), count: 8)
        letters = (0..<max(payloadBytes - Self.byteCountMin, 0)).map {
            UInt8(ascii: "a") + UInt8($0 % 26)
        }
    }

    /// The payload of message `number`.
    func payload(_ number: UInt32, due: Int64) -> [UInt8] {
        mark + Self.hex(UInt64(number), count: 8)
            + Self.hex(UInt64(bitPattern: due), count: 16) + letters
    }

    /// The message of this run that is in `text`; `hint` is where the last one was, and is looked at
    /// first.
    func find(in text: Span<UInt8>, hint: inout Int) -> Reading? {
        if let reading = reading(text, at: hint) { return reading }
        for start in text.indices {
            guard let reading = reading(text, at: start) else { continue }
            hint = start
            return reading
        }
        return nil
    }

    private func reading(_ text: Span<UInt8>, at start: Int) -> Reading? {
        let end = start + Self.byteCountMin
        guard end <= text.count, text[start] == mark[0], Self.begins(text, start, with: mark)
        else { return nil }
        let numbers = start + Self.markByteCount
        guard let number = Self.value(text.extracting(numbers..<(numbers + 8))),
            let due = Self.value(text.extracting((numbers + 8)..<end))
        else { return nil }
        return Reading(
            number: UInt32(truncatingIfNeeded: number),
            due: Int64(bitPattern: due),
            isWhole: Self.begins(text, end, with: letters)
        )
    }

    private static func begins(_ text: Span<UInt8>, _ start: Int, with bytes: [UInt8]) -> Bool {
        guard start + bytes.count <= text.count else { return false }
        for index in bytes.indices where text[start + index] != bytes[index] { return false }
        return true
    }

    private static func hex(_ value: UInt64, count: Int) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return (1...count).map { digits[Int(value >> UInt64(4 * (count - $0)) & 15)] }
    }

    private static func value(_ digits: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for index in digits.indices {
            let digit = digits[index]
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - 87)
            default: return nil
            }
        }
        return value
    }
}
