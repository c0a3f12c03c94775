/// Messages that a stream's policy has taken back, because more waited for the lane than may.
package struct LinkDrop: Equatable, Sendable {
    package let stream: StreamID
    /// The bytes of each message, without its key.
    package let messages: [Int]
}

// What an object sends to one session waits here while the way to the edge is full, and there the
// same policy holds as at the edge.
extension LaneMachine {
    /// What the acceptor of a session does when too much waits to be written; `.close` at first.
    package mutating func setPolicy(_ id: StreamID, _ policy: SendPolicy) {
        guard let slot = openSlot(id) else { return }
        streams[slot].sendPolicy = policy
    }

    /// What was taken back since this was asked last, in order.
    package mutating func takeDrops() -> [LinkDrop] {
        let taken = drops
        drops = []
        return taken
    }

    /// Puts a message behind what waits on its stream; false when too much waits.
    mutating func enqueue(_ message: consuming LaneOutbox.Item, at slot: Int) -> Bool {
        let limit = settings.queuedBytesMax
        if streams[slot].outbox.unsentCost >= limit { makeRoom(for: message, at: slot) }
        guard streams[slot].outbox.unsentCost < limit else {
            streams[slot].wantsDrained = true
            return false
        }
        append(message, at: slot)
        return true
    }

    private mutating func makeRoom(for message: LaneOutbox.Item, at slot: Int) {
        let dropped: [LaneOutbox.Dropped]
        switch streams[slot].sendPolicy {
        case .close: return
        case .dropOldest:
            dropped = streams[slot].outbox.dropOldest(until: settings.queuedBytesMax)
        case .coalesce:
            dropped = streams[slot].outbox.coalesce(before: message.keyBytes)
        }
        guard !dropped.isEmpty else { return }
        for one in dropped { streams[slot].inbox.removed(one.number) }
        let messages = dropped.map { $0.item.payload.count - ($0.item.keyBytes?.count ?? 0) }
        drops.append(LinkDrop(stream: streams[slot].id, messages: messages))
    }
}
