import Primitives
import Transport
import Wire

/// The clients of one loop of a node.
struct ClientCounts: Sendable {
    let shard: Int
    /// WebSocket sessions that have not been asked to go.
    let unasked: Int
    /// Sessions and HTTP connections.
    let connected: Int
}

// Who is let in no more, and who is sent away.
extension Shard {
    var clientCounts: ClientCounts {
        ClientCounts(
            shard: index,
            unasked: sessions.count { !$0.isLeaving },
            connected: sessions.count + server.connectionCount
        )
    }

    /// The answer to whoever comes while the node takes no new clients; nil while it does.
    func refusalWhileCordoned(_ client: SocketAddress?) -> Response? {
        guard isCordoned else { return nil }
        noteRefusal("cordoned", client)
        return RestartHint.unavailable(loop, "this node takes no new clients")
    }

    /// Sends some of the clients away; those whose object is on its way only when nobody waits for
    /// that any more, for what they have said goes with it.
    func sendAway(_ count: Int, isLast: Bool) {
        let going = sessions.filter { !$0.isLeaving && (isLast || $0.isAtHome) }.prefix(count)
        for session in going { session.sendAway() }
    }
}
