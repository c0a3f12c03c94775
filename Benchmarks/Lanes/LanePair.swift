import Primitives
package import Wire

/// Two lanes back to back, without a connection: what goes out of one goes into the other.
package struct LanePair {
    private var here = LaneMachine(isLowerID: true)
    private var there = LaneMachine(isLowerID: false)
    private let now = Instant.zero

    package init() {
        here.connected(now: now)
        there.connected(now: now)
        _ = exchange()
    }

    /// A stream from one to the other; nil when something is wrong.
    package mutating func open() -> StreamID? {
        guard let id = try? here.open(.session, head: [1, 2, 3], partition: 1, epoch: 1) else {
            return nil
        }
        _ = exchange()
        guard there.answer(id, head: [1]) == .accepted else { return nil }
        _ = exchange()
        return id
    }

    /// How many of the messages have come: all, while they fit into the window of a stream.
    package mutating func carry(_ message: [UInt8], times: Int, on stream: StreamID) -> Int {
        for _ in 0..<times { _ = here.send(stream, payload: message, isBinary: true) }
        return exchange()
    }

    private mutating func exchange() -> Int {
        var count = 0
        for event in Self.pass(from: &here, to: &there, now) {
            guard case .message(let id, let payload, _) = event else { continue }
            there.consumed(id, bytes: payload.count)
            count += 1
        }
        _ = Self.pass(from: &there, to: &here, now)
        return count
    }

    /// What has come, as a node hears it.
    private static func pass(
        from one: inout LaneMachine,
        to other: inout LaneMachine,
        _ now: Instant
    ) -> [LaneMachine.Event] {
        var output = ByteWriter()
        var events: [LaneMachine.Event] = []
        one.writeOutput(into: &output, limit: 1 << 20, now: now, events: &events)
        guard (try? other.receive(output.bytes.span, now: now, events: &events)) != nil else {
            return []
        }
        return events
    }
}
