import Primitives

/// How far the receiver of one direction of a stream is: what ACK and RESUME say of it.
///
/// | bytes | field                                                                |
/// |-------|----------------------------------------------------------------------|
/// | 8     | items received                                                       |
/// | 4     | how many messages among them the consumer has not taken              |
///
/// So both numbers can be told again at any time, and the peer, who knows which of its items are
/// messages, has the count of those that were processed.
struct StreamProgress: Equatable, Sendable {
    static let byteCount = 12

    let received: UInt64
    let waiting: UInt32

    init(received: UInt64, waiting: UInt32) {
        self.received = received
        self.waiting = waiting
    }

    /// Reads 12 bytes at `offset`, which the caller has seen.
    init(from bytes: Span<UInt8>, at offset: Int) {
        received = bytes.uint64(at: offset)
        waiting = bytes.uint32(at: offset + 8)
    }

    func encode(to writer: inout ByteWriter) {
        writer.write(received)
        writer.write(waiting)
    }
}
