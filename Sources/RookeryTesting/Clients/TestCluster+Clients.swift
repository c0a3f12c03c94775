import Node
import Primitives
import Synchronization
import Transport
import Wire

// Clients, each connected to the client port of one node.
extension TestCluster {
    /// Opens a WebSocket, for which time passes.
    ///
    /// Throws when the node does not answer in time or answers with anything but 101.
    public func webSocket(
        _ target: String,
        via node: Int,
        headers: [(name: String, value: String)] = [],
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) -> TestWebSocket {
        let socket = TestWebSocket(target, headers: headers, self)
        try await socket.connect(to: self.node(node).configuration.client.listen, within: limit)
        return socket
    }

    /// Makes one request, for which time passes.
    public func fetch(
        _ target: String,
        method: String = "GET",
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        via node: Int,
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) -> TestResponse {
        let address = self.node(node).configuration.client.listen
        return try await fetch(target, method, headers, body, at: address, within: limit)
    }

    /// What an operator gets from a node.
    func ask(
        _ target: String,
        _ method: String = "GET",
        of node: Int
    ) async throws(TestClusterError) -> TestResponse {
        let address = self.node(node).configuration.admin.listen
        return try await fetch(target, method, [], nil, at: address, within: Self.patience)
    }

    private func fetch(
        _ target: String,
        _ method: String,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]?,
        at address: SocketAddress,
        within limit: Duration
    ) async throws(TestClusterError) -> TestResponse {
        let bytes = RequestText.bytes(method, target, headers, body: body)
        let outcome = Outcome()
        let kind = HTTPMethod(method) ?? .get
        let (world, loop) = (world, clients.loop)
        let call = LoopBound(TestCall(kind, bytes, on: loop) { outcome.set($0) }, on: loop)
        await world.perform { world.onLoop(loop) { call.onLoop.connect(to: address) } }
        guard await world.wait(atMost: limit, until: { outcome.value != nil }) else {
            await world.perform { world.onLoop(loop) { call.onLoop.abort() } }
            throw error(.overdue("an answer to \(method) \(target)", within: limit))
        }
        switch outcome.value {
        case .answered(let response): return response
        case .failed(let reason): throw error(.notConnected(reason))
        case nil: throw error(.notConnected(target))
        }
    }

    /// What a call came to, for whoever waits for it.
    private final class Outcome: Sendable {
        private let outcome = Mutex<TestCall.Outcome?>(nil)

        var value: TestCall.Outcome? { outcome.withLock { $0 } }

        func set(_ value: TestCall.Outcome) { outcome.withLock { $0 = value } }
    }
}
