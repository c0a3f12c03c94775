import Primitives

/// What an edge tells its session's object now and then: the present state, so that the latest is
/// all that counts.
///
/// | bytes | field                                                        |
/// |-------|--------------------------------------------------------------|
/// | 8     | taken                                                        |
/// | 4     | dropped                                                      |
/// | 4     | round trip in microseconds; all ones when it is not known    |
/// | 8     | milliseconds since the last automatic response; all ones: none |
package struct LinkStatus: Equatable, Sendable {
    package static let byteCount = 24

    /// The bytes of frames that came on this stream and have left the edge, or were dropped there.
    package var taken: UInt64
    /// How many messages the client's policy has dropped of those that came on this stream.
    package var dropped: UInt32
    private var microseconds: UInt32
    private var milliseconds: UInt64

    package init(
        taken: UInt64 = 0,
        dropped: UInt32 = 0,
        roundTrip: Duration? = nil,
        autoResponseAge: Duration? = nil
    ) {
        self.taken = taken
        self.dropped = dropped
        let microseconds = roundTrip.map { UInt32(clamping: $0.nanoseconds / 1_000) }
        self.microseconds = microseconds.map { min($0, .max - 1) } ?? .max
        milliseconds = autoResponseAge.map { UInt64(clamping: $0.milliseconds) } ?? .max
    }

    /// Of the edge's last ping to the client.
    package var roundTrip: Duration? {
        microseconds == .max ? nil : .microseconds(Int64(microseconds))
    }

    /// How long ago the edge has answered by itself.
    package var autoResponseAge: Duration? {
        guard milliseconds != .max else { return nil }
        // No age is longer than what a clock can count.
        return .milliseconds(min(Int64(clamping: milliseconds), .max / 1_000_000))
    }

    func encode(to writer: inout ByteWriter) {
        writer.write(taken)
        writer.write(dropped)
        writer.write(microseconds)
        writer.write(milliseconds)
    }

    /// Reads 24 bytes at `offset`, which the caller has seen.
    init(from bytes: Span<UInt8>, at offset: Int) {
        taken = bytes.uint64(at: offset)
        dropped = bytes.uint32(at: offset + 8)
        microseconds = bytes.uint32(at: offset + 12)
        milliseconds = bytes.uint64(at: offset + 16)
    }
}
