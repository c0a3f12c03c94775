/// The number of a stream inside one lane; zero is the lane itself.
///
/// The node with the lower `NodeID` opens odd streams and the other even ones, so two nodes never
/// pick the same number. Numbers are used in rising order and start again after 2^31 streams.
package struct StreamID: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// The lane itself.
    package static let lane = StreamID(0)

    /// True when this was opened after `other`, across the start-again (as in RFC 1982).
    func isAfter(_ other: StreamID) -> Bool {
        Int32(bitPattern: value &- other.value) > 0
    }

    /// The next number that the same side may open.
    var next: StreamID {
        let next = value &+ 2
        return StreamID(next == 0 ? 2 : next)
    }

    package var description: String { String(value) }
}

/// What a stream carries between the node of a client and the node of an object.
package enum LinkStreamKind: Equatable, Sendable {
    /// The WebSocket of a client; opened with OPEN, answered with OPENED.
    case session
    /// One HTTP request; opened with CALL, answered with RESULT.
    case call
    /// One message that is acknowledged by the end of the stream; opened with RECORDS.
    case records
}
