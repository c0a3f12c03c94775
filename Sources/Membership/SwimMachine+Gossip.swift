import Primitives

extension SwimMachine {
    var hasGossip: Bool { !queue.isEmpty && !order.isEmpty }

    /// A round of gossip: the news that waits goes to a few random live members.
    mutating func gossipIfDue(now: Instant, _ actions: inout [Action]) {
        guard hasGossip, deadlines.gossip <= now else { return }
        deadlines.gossip = now.advanced(by: settings.gossipInterval)
        for slot in order.pick(settings.gossipFanOut, using: &generator, where: { _ in true }) {
            guard !queue.isEmpty else { return }
            send(SwimMessage(.gossip), to: table[slot].address, &actions)
        }
    }

    /// Sends a datagram and fills what is left of it with news.
    mutating func send(
        _ message: SwimMessage,
        to address: SocketAddress,
        _ actions: inout [Action]
    ) {
        var writer = ByteWriter(reservingCapacity: queue.isEmpty ? 64 : settings.datagramBytesMax)
        message.encode(to: &writer)
        queue.take(
            into: &writer,
            bytesMax: settings.datagramBytesMax,
            sendsMax: settings.retransmits(liveCount: liveCount)
        )
        actions.append(.sendDatagram(writer.take(), to: address))
    }

    /// Sends a message on the link, if it is up.
    mutating func sendStream(
        _ kind: SwimMessage.Kind,
        updates: [MemberUpdate] = [],
        to id: NodeID,
        _ actions: inout [Action]
    ) {
        guard links[id] != nil else { return tally.count("link: not up") }
        actions.append(.sendStream(SwimMessage(kind, updates: updates).encoded, to: id))
    }
}
