import Primitives
import Transport
import Wire

/// A WebSocket client of a test cluster, connected to one of its nodes.
///
/// What it sends goes out as soon as time passes; `receive` and `closed` let it pass until there is
/// something, or until a virtual deadline. It answers pings meanwhile.
public final class TestWebSocket: Sendable {
    /// One message, as this client has seen it.
    public struct Line: Equatable, Sendable, CustomStringConvertible {
        public let isSent: Bool
        /// When, since the cluster began.
        public let age: Duration
        public let payload: [UInt8]
        public let isBinary: Bool

        init(_ message: WebSocketMessage, isSent: Bool, at age: Duration) {
            self.isSent = isSent
            self.age = age
            payload = message.payload
            isBinary = message.kind == .binary
        }

        /// The payload as text.
        public var text: String { String(decoding: payload, as: UTF8.self) }

        public var description: String { (isSent ? "> " : "< ") + text }
    }

    /// How it has ended.
    public struct Close: Equatable, Sendable {
        /// 1005 without a code, 1006 without a Close.
        public let code: UInt16
        public let reason: String

        public init(code: UInt16, reason: String) {
            self.code = code
            self.reason = reason
        }
    }

    private let cluster: TestCluster
    private let record: SocketRecord
    private let peer: LoopBound<SocketPeer>
    private let target: String

    init(
        _ target: String,
        headers: [(name: String, value: String)],
        _ cluster: TestCluster
    ) {
        let record = SocketRecord()
        self.record = record
        self.cluster = cluster
        self.target = target
        let loop = cluster.clients.loop
        peer = LoopBound(SocketPeer(record, target: target, headers: headers, on: loop), on: loop)
    }

    func connect(
        to address: SocketAddress,
        within limit: Duration
    ) async throws(TestClusterError) {
        await perform { $0.connect(to: address) }
        let record = record
        let isThere = await cluster.world.wait(atMost: limit) { !record.isConnecting }
        guard isThere else {
            await perform { $0.vanish() }
            throw cluster.error(.overdue("an answer to \(target)", within: limit))
        }
        switch record.phase {
        case .connecting, .open, .closed: break
        case .refused(let status, let body):
            throw cluster.error(.refused(status: status, body: body))
        case .failed(let reason): throw cluster.error(.notConnected(reason))
        }
    }

    private func perform(_ body: @escaping @Sendable (SocketPeer) -> Void) async {
        let (world, peer) = (cluster.world, peer)
        await world.perform { world.onLoop(peer.loop) { body(peer.onLoop) } }
    }
}

// MARK: - Sending

extension TestWebSocket {
    /// Sends a text message.
    public func send(_ text: String) async {
        await perform { $0.send(WebSocketMessage(text: text)) }
    }

    /// Sends a binary message.
    public func send(_ bytes: [UInt8]) async {
        await perform { $0.send(WebSocketMessage(kind: .binary, payload: bytes)) }
    }

    /// Sends bytes that need not be frames.
    func send(raw bytes: [UInt8]) async { await perform { $0.send(raw: bytes) } }

    /// Begins the close handshake; `closed` waits for its end.
    public func close(code: UInt16 = 1000, reason: String = "") async {
        await perform { $0.close(code: code, reason: reason) }
    }

    /// Is gone at once, without a Close.
    public func vanish() async { await perform { $0.vanish() } }

    /// Reads no more until `resumeReading`, like a client that is too slow.
    public func pauseReading() async { await perform { $0.pauseReading() } }

    /// Reads on.
    public func resumeReading() async { await perform { $0.resumeReading() } }
}

// MARK: - Receiving

extension TestWebSocket {
    /// The next text message, for which time passes; throws when it does not come, when the WebSocket
    /// is closed instead, or when a binary one comes.
    public func receive(
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) -> String {
        let message = try await next(within: limit)
        guard message.kind == .text else {
            throw cluster.error(.unexpected("a binary message of \(message.payload.count) bytes"))
        }
        return String(decoding: message.payload, as: UTF8.self)
    }

    /// The payload of the next message of any kind.
    public func receiveBytes(
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) -> [UInt8] {
        try await next(within: limit).payload
    }

    private func next(within limit: Duration) async throws(TestClusterError) -> WebSocketMessage {
        if let message = record.next() { return message }
        let record = record
        guard await cluster.world.wait(atMost: limit, until: { record.hasNews }) else {
            throw cluster.error(.overdue("a message to \(target)", within: limit))
        }
        if let message = record.next() { return message }
        switch record.phase {
        case .closed(let code, let reason):
            throw cluster.error(.closed(code: code, reason: reason))
        case .connecting, .open, .refused, .failed:
            throw cluster.error(.notConnected("\(record.phase)"))
        }
    }

    /// How the WebSocket ends, for which time passes; messages that are unread stay so.
    public func closed(
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) -> Close {
        let record = record
        guard await cluster.world.wait(atMost: limit, until: { record.hasEnded }) else {
            throw cluster.error(.overdue("the end of \(target)", within: limit))
        }
        guard case .closed(let code, let reason) = record.phase else {
            throw cluster.error(.notConnected("\(record.phase)"))
        }
        return Close(code: code, reason: reason)
    }

    /// True until one side has closed it or the connection is gone.
    public var isOpen: Bool { record.phase == .open }

    /// Messages that have come and were not received.
    public var unreadCount: Int { record.unreadCount }

    /// All that was sent and has come, in order.
    public var transcript: [Line] { record.transcript }
}
