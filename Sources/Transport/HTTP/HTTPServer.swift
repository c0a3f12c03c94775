package import Primitives
package import Wire

/// How long a client may take for what.
package struct HTTPTiming: Sendable {
    /// From the accept, or from the first byte of a later request, to the end of its head; then
    /// between one piece of its body and the next.
    package var requestTime = Duration.seconds(10)
    /// Between two requests of one connection.
    package var keepAliveTime = Duration.seconds(75)

    package init() {}
}

/// A request that has come whole.
package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
}

/// Who answers the requests.
///
/// Called on the server's loop only.
package protocol HTTPServerDelegate: AnyObject {
    /// The answer to a request that is not wanted, before its body is read; nil to read it.
    func refusal(of head: HTTPRequestHead, on connection: HTTPConnection) -> HTTPRefusal?
    /// Answer with `connection.respond`, or take the connection over with `connection.upgrade`.
    func received(_ request: HTTPRequest, on connection: HTTPConnection)
    /// A request was refused before it reached anybody.
    func refused(_ error: HTTPError)
    /// A connection was refused or ended for a reason worth counting.
    func dropped(_ reason: StaticString)
}

extension HTTPServerDelegate {
    package func refusal(of head: HTTPRequestHead, on connection: HTTPConnection) -> HTTPRefusal? {
        nil
    }
}

/// An answer after which the connection is closed, for the rest of the request is not read.
package struct HTTPRefusal: Sendable {
    let head: HTTPResponseHead
    let body: [UInt8]

    package init(head: HTTPResponseHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}

/// The HTTP/1.1 connections of one event loop.
package final class HTTPServer {
    package let loop: EventLoop
    package let limits: HTTPLimits
    package let timing: HTTPTiming
    package weak var delegate: (any HTTPServerDelegate)?
    /// By the order of their coming.
    private var connections: [UInt64: HTTPConnection] = [:]
    private var lastNumber: UInt64 = 0
    private let connectionsMax: Int
    private var isClosing = false

    /// `connectionsMax` counts the connections that speak HTTP; upgraded ones have left the server.
    package init(
        loop: EventLoop,
        limits: HTTPLimits,
        timing: HTTPTiming,
        connectionsMax: Int
    ) {
        self.loop = loop
        self.limits = limits
        self.timing = timing
        self.connectionsMax = connectionsMax
    }

    package var connectionCount: Int { connections.count }

    /// When each client will have taken too long, in no order.
    var deadlines: [Instant] { connections.values.map(\.deadline) }

    /// Takes over an accepted connection and begins to read it.
    ///
    /// `lease` is let go when the connection ends, upgraded or not.
    package func adopt(
        _ descriptor: consuming FileDescriptor,
        peer: SocketAddress?,
        lease: AnyObject? = nil
    ) {
        guard !isClosing, connections.count < connectionsMax else {
            delegate?.dropped("connection_limit")
            return
        }
        let stream = StreamConnection(descriptor, peer: peer, loop: loop)
        stream.lease = lease
        do {
            let connection = makeConnection(on: stream, of: peer)
            try stream.start()
            connections[connection.number] = connection
        } catch {
            delegate?.dropped("accept_failed")
        }
    }

    /// Takes over a connection that is read already, with what has come: a client's, whatever the
    /// address at the other end.
    package func adopt(_ stream: StreamConnection, client: SocketAddress?, behind bytes: [UInt8]) {
        guard !isClosing, connections.count < connectionsMax else {
            delegate?.dropped("connection_limit")
            return stream.abort()
        }
        let connection = makeConnection(on: stream, of: client)
        connections[connection.number] = connection
        if !bytes.isEmpty { connection.received(bytes.span) }
    }

    private func makeConnection(
        on stream: StreamConnection,
        of client: SocketAddress?
    ) -> HTTPConnection {
        lastNumber += 1
        return HTTPConnection(stream: stream, client: client, server: self, number: lastNumber)
    }

    /// Ends every connection that has no request in work, and the others after their answer.
    package func close() {
        isClosing = true
        for connection in inOrder(connections) { connection.closeWhenIdle() }
    }

    /// Drops clients that took too long.
    ///
    /// To be called about once a second.
    package func dropOverdue() {
        let now = loop.now
        let overdue = connections.filter { $0.value.deadline <= now }
        for connection in inOrder(overdue) { connection.timedOut() }
    }

    private func inOrder(_ connections: [UInt64: HTTPConnection]) -> [HTTPConnection] {
        connections.sorted { $0.key < $1.key }.map(\.value)
    }

    func remove(_ connection: HTTPConnection) {
        connections[connection.number] = nil
    }
}
