import BuiltIn
import Node
import Primitives
import Synchronization
import Testing
import Transport
import Wire

@testable import Node

/// The admin side of a node that does not exist, on the loop of the tests.
final class AdminFixture: Sendable {
    static let token = "0123456789abcdef"

    let address: SocketAddress
    let operations: LoopBound<OperationsDouble>
    /// What the node has to tell of what happens.
    let feed: LoopBound<EventFeed>
    /// Held by nobody else.
    private let server: LoopBound<AdminServer>
    private let listener: LoopBound<Listener>

    init(token: Secret? = nil, hasOperations: Bool = true) async throws {
        let loop = TestLoop.shared
        let parts = try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                continuation.resume(
                    with: Result {
                        try Self.make(on: loop, token: token, hasOperations: hasOperations)
                    }
                )
            }
        }
        (address, operations, feed, server, listener) = parts
    }

    private static func make(
        on loop: EventLoop,
        token: Secret?,
        hasOperations: Bool
    ) throws -> (
        SocketAddress, LoopBound<OperationsDouble>, LoopBound<EventFeed>, LoopBound<AdminServer>,
        LoopBound<Listener>
    ) {
        let operations = OperationsDouble()
        let server = AdminServer(
            loop: loop,
            token: token,
            status: operations,
            operations: hasOperations ? operations : nil,
            health: operations,
            registry: try ObjectRegistry(builtInObjects)
        )
        server.service = hasOperations ? operations : nil
        let feed = EventFeed(node: try #require(NodeID("node-1")), loop: loop)
        server.events = feed
        let listener = try Listener(on: .loopback(port: 0), loop: loop) { descriptor, peer in
            server.adopt(descriptor, peer: peer)
        }
        try listener.start()
        return (
            listener.address, LoopBound(operations, on: loop), LoopBound(feed, on: loop),
            LoopBound(server, on: loop), LoopBound(listener, on: loop)
        )
    }

    var client: AdminClient { AdminClient(address: address, token: nil) }

    func ask(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders = [:],
        body: String? = nil,
        host: String = "localhost"
    ) async throws -> HTTPAnswer {
        let body = body.map { Array($0.utf8) }
        let request = HTTPRequestText(method, target, headers, body: body, host: host)
        return try await HTTPAnswer.fetch(request, method, from: address)
    }

    /// What the node was asked to do, in order.
    func asked() async -> [String] {
        await withCheckedContinuation { continuation in
            operations.execute { continuation.resume(returning: $0.asked) }
        }
    }

    func refuse(_ refusal: OperationRefusal) {
        operations.execute { $0.refusal = refusal }
    }
}

/// Does nothing, and tells what it was asked; lives on the loop of the tests.
final class OperationsDouble: Operations, ServiceOperations, HealthSource, StatusSource {
    private(set) var asked: [String] = []
    /// What every question is answered with, if anything is set.
    var refusal: OperationRefusal?
    /// One partition is handed over each time somebody looks.
    private var partitions = 3

    func report(_ completed: @escaping (StatusReport) -> Void) { completed(.example) }

    func figures(_ completed: @escaping (_ node: String, NodeReport.Figures) -> Void) {
        let report = StatusReport.example.nodes[0]
        if let figures = report.figures { completed(report.name, figures) }
    }

    func isKnown(_ className: String) -> Bool { className == "Elsewhere" }

    func locate(_ key: ObjectKey, completed: @escaping (ObjectLocation) -> Void) {
        asked.append("locate \(key)")
        completed(
            ObjectLocation(key, partition: 12_345, owner: "node-2", epoch: 7, state: .live)
        )
    }

    func leave() throws(OperationRefusal) {
        asked.append("leave")
        if let refusal { throw refusal }
    }

    var leaveProgress: LeaveProgress {
        guard asked.contains("leave") else {
            return LeaveProgress(node: "node-1", state: .member, partitions: 3, clients: 5)
        }
        partitions -= 1
        return LeaveProgress(
            node: "node-1",
            state: partitions > 0 ? .leaving : .left,
            partitions: max(partitions, 0),
            clients: 5
        )
    }

    func setWeight(_ weight: UInt16) throws(OperationRefusal) {
        asked.append("weight \(weight)")
        if let refusal { throw refusal }
    }

    var weight: NodeWeight {
        let isChanged = asked.contains { $0.hasPrefix("weight") }
        return NodeWeight(node: "node-1", weight: isChanged ? 250 : 100, inView: 100, epoch: 7)
    }

    var knownNodes: [NodeID] { ["node-1", "node-2"].compactMap { NodeID($0) } }

    func serve(
        _ request: ServiceRequest,
        at target: NodeID?,
        completed: @escaping (Result<ServiceStatus, OperationRefusal>) -> Void
    ) {
        let numbers = [request.rate.map { Int64($0) }, request.timeMilliseconds]
        let words = [request.action.rawValue] + numbers.compactMap { $0.map { "\($0)" } }
        asked.append((words + [target?.name ?? "here"]).joined(separator: " "))
        if let refusal { return completed(.failure(refusal)) }
        let node = target?.name ?? "node-1"
        completed(
            .success(ServiceStatus(node: node, state: .draining, partitions: 3, clients: 5))
        )
    }

    func health(_ question: HealthReport.Question) -> HealthReport {
        HealthReport(question: question, checks: [HealthCheck(.loops, failing: "loop 1 is slow")])
    }

    func recover(
        survivors: [NodeID],
        completed: @escaping (Result<Recovery, OperationRefusal>) -> Void
    ) {
        asked.append("recover \(survivors)")
        if let refusal { return completed(.failure(refusal)) }
        completed(.success(Recovery(epoch: 1 << 32, members: survivors.map(\.name))))
    }
}
