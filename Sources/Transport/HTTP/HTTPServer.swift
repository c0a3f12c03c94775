package import Primitives
package import Wire

/// How long a client may take for what.
package struct HTTPTiming: Sendable {
    /// From the accept, or from the first byte of a later request, to the end of its head; then
    /// between one piece of its body and the next.
    package var requestTime = Duration.seconds(10)
    /// Bytes a second that a body must bring on the average, once it has taken `requestTime`.
    package var bodyRateMin = 1_024
    /// Between two requests of one connection.
    package var keepAliveTime = Duration.seconds(75)

    package init() {}
}

/// A request that has come whole.
package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
}

/// Why a connection is refused, or ended without an answer.
package enum HTTPDrop: Sendable {
    /// There are as many connections as there may be.
    case connectionLimit
    case acceptFailed
    /// A request took too long.
    case requestTimeout
    /// No further request came.
    case keepAliveEnded

    /// The word under which it is counted.
    package var reason: StaticString {
        switch self {
        case .connectionLimit: "connection_limit"
        case .acceptFailed: "accept_failed"
        case .requestTimeout: "request_timeout"
        case .keepAliveEnded: "keep_alive_ended"
        }
    }

    /// False for what every connection comes to in the end.
    package var isRefusal: Bool {
        switch self {
        case .connectionLimit, .acceptFailed, .requestTimeout: true
        case .keepAliveEnded: false
        }
    }
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
    func refused(_ error: HTTPError, from client: SocketAddress?)
    /// A connection was refused or ended for a reason worth counting.
    func dropped(_ drop: HTTPDrop, from client: SocketAddress?)
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
    package var connectionsMax: Int
    /// Where what waits for the clients is counted.
    private let account: BufferAccount?
    /// Connections that are closed but for an answer that the client has not taken yet.
    private(set) var lingering: [StreamConnection] = []
    private var isClosing = false
    /// From the moment that a request was there whole to the answer, whoever gave it.
    package internal(set) var answerTimes = DurationHistogram()

    /// `connectionsMax` counts the connections that speak HTTP; upgraded ones have left the server.
    package init(
        loop: EventLoop,
        limits: HTTPLimits,
        timing: HTTPTiming,
        connectionsMax: Int,
        account: BufferAccount? = nil
    ) {
        self.loop = loop
        self.limits = limits
        self.timing = timing
        self.connectionsMax = connectionsMax
        self.account = account
    }

    package var connectionCount: Int { connections.count }

    var everyone: [HTTPConnection] { inOrder(connections) }

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
            delegate?.dropped(.connectionLimit, from: peer)
            return
        }
        let stream = StreamConnection(descriptor, peer: peer, loop: loop)
        stream.lease = lease
        do {
            let connection = makeConnection(on: stream, of: peer)
            try stream.start(isAccepted: true)
            connections[connection.number] = connection
        } catch {
            delegate?.dropped(.acceptFailed, from: peer)
        }
    }

    /// Takes over a connection that is read already, with what has come: a client's, whatever the
    /// address at the other end.
    package func adopt(_ stream: StreamConnection, client: SocketAddress?, behind bytes: [UInt8]) {
        guard !isClosing, connections.count < connectionsMax else {
            delegate?.dropped(.connectionLimit, from: client)
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
        stream.account = account
        return HTTPConnection(stream: stream, client: client, server: self, number: lastNumber)
    }

    /// Ends every connection that has no request in work, and the others after their answer.
    package func close() {
        isClosing = true
        closeIdle()
    }

    /// The same for those that are there now; others may come.
    package func closeIdle() {
        for connection in inOrder(connections) { connection.closeWhenIdle() }
    }

    /// Drops clients that took too long.
    ///
    /// To be called about once a second.
    package func dropOverdue() {
        let now = loop.now
        let overdue = connections.filter { $0.value.deadline <= now }
        for connection in inOrder(overdue) { connection.timedOut() }
        lingering.removeAll(where: \.hasEnded)
    }

    /// Remembers a connection that has left the server, until its last answer is gone.
    func keep(_ stream: StreamConnection) { lingering.append(stream) }

    private func inOrder(_ connections: [UInt64: HTTPConnection]) -> [HTTPConnection] {
        connections.sorted { $0.key < $1.key }.map(\.value)
    }

    func remove(_ connection: HTTPConnection) {
        connections[connection.number] = nil
    }
}
