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
    /// Of the edge's last ping to the client.
    package var roundTrip: Duration?
    /// How long ago the edge has answered by itself.
    package var autoResponseAge: Duration?

    package init(
        taken: UInt64 = 0,
        dropped: UInt32 = 0,
        roundTrip: Duration? = nil,
        autoResponseAge: Duration? = nil
    ) {
        self.taken = taken
        self.dropped = dropped
        self.roundTrip = roundTrip
        self.autoResponseAge = autoResponseAge
    }

    func encode(to writer: inout ByteWriter) {
        writer.write(taken)
        writer.write(dropped)
        let microseconds = roundTrip.map { UInt32(clamping: $0.nanoseconds / 1_000) }
        writer.write(microseconds.map { min($0, .max - 1) } ?? .max)
        writer.write(autoResponseAge.map { UInt64(clamping: $0.milliseconds) } ?? .max)
    }

    /// Reads 24 bytes at `offset`, which the caller has seen.
    init(from bytes: Span<UInt8>, at offset: Int) {
        taken = bytes.uint64(at: offset)
        dropped = bytes.uint32(at: offset + 8)
        let microseconds = bytes.uint32(at: offset + 12)
        roundTrip = microseconds == .max ? nil : .microseconds(Int64(microseconds))
        // No age is longer than what a clock can count.
        let milliseconds = Int64(clamping: bytes.uint64(at: offset + 16))
        let longest = Int64.max / 1_000_000
        autoResponseAge =
            bytes.uint64(at: offset + 16) == .max
            ? nil : .milliseconds(min(milliseconds, longest))
    }
}
