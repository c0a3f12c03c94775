/// What the WebSockets of some clients have carried: messages, and their bytes as one frame each,
/// without masks and compression.
struct ClientTraffic: Equatable, Sendable {
    /// One direction.
    struct Counts: Equatable, Sendable {
        var messages: UInt64 = 0
        var bytes: UInt64 = 0

        mutating func count(_ byteCount: Int) {
            messages &+= 1
            bytes &+= UInt64(truncatingIfNeeded: byteCount)
        }

        mutating func add(_ other: Counts) {
            messages &+= other.messages
            bytes &+= other.bytes
        }
    }

    var received = Counts()
    var sent = Counts()

    mutating func add(_ other: ClientTraffic) {
        received.add(other.received)
        sent.add(other.sent)
    }
}
