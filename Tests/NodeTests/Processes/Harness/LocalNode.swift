import Foundation
import Node
import Primitives
import Synchronization
import Testing
import Wire

/// One node of a test, at the addresses of its first run, whatever process runs it now.
final class LocalNode: Sendable {
    /// What a node prints when it serves.
    struct Greeting {
        let client: SocketAddress
        let admin: SocketAddress
        let peer: SocketAddress

        /// Nil until `text` is whole.
        init?(_ text: String) {
            func address(_ word: String) -> SocketAddress? {
                let line = text.split(separator: "\n").first { $0.hasPrefix("\(word) ") }
                let last = line?.split(separator: " ").last?.split(separator: "/").last
                return last.flatMap { SocketAddress(String($0)) }
            }
            guard text.hasSuffix("\n"), let client = address("clients"),
                let admin = address("admin"), let peer = address("peers")
            else { return nil }
            (self.client, self.admin, self.peer) = (client, admin, peer)
        }
    }

    let name: String
    let client: SocketAddress
    let admin: SocketAddress
    let peer: SocketAddress
    private let settings: [String]
    private let descriptorsMax: Int?
    private let run: Mutex<RookProcess>

    /// Starts a node at `peer`, and at free ports of this address for all else; returns when it
    /// serves.
    init(
        _ name: String,
        at peer: SocketAddress = .loopback(port: 0),
        seeds: [SocketAddress] = [],
        settings: [String] = [],
        descriptorsMax: Int? = nil
    ) async throws {
        let free = peer.with(port: 0)
        let process = try RookProcess(
            Self.arguments(name, peer: peer, client: free, admin: free, seeds, settings),
            descriptorsMax: descriptorsMax
        )
        let greeting = try await Self.greeting(of: process)
        self.name = name
        self.settings = settings
        client = greeting.client
        admin = greeting.admin
        self.peer = greeting.peer
        self.descriptorsMax = descriptorsMax
        run = Mutex(process)
    }

    /// Starts it anew after its end, with its name and at its addresses.
    func restart(seeds: [SocketAddress]) async throws {
        let process = try RookProcess(
            Self.arguments(name, peer: peer, client: client, admin: admin, seeds, settings),
            descriptorsMax: descriptorsMax
        )
        _ = try await Self.greeting(of: process)
        run.withLock { $0 = process }
    }

    var process: RookProcess { run.withLock { $0 } }

    private static func arguments(
        _ name: String,
        peer: SocketAddress,
        client: SocketAddress,
        admin: SocketAddress,
        _ seeds: [SocketAddress],
        _ settings: [String]
    ) -> [String] {
        let own = [
            "node.name=\(name)", "peer.listen=\(peer)", "client.listen=\(client)",
            "admin.listen=\(admin)", "threads=2",
            "seeds=" + seeds.map(\.description).joined(separator: ","),
        ]
        return ["serve"] + (own + settings).flatMap { ["--set", $0] }
    }

    private static func greeting(of process: RookProcess) async throws -> Greeting {
        try await eventually("a node that serves") {
            guard process.isRunning else { throw Ended(errors: process.errorText) }
            return Greeting(process.outputText)
        }
    }

    /// A node that has ended where it should serve.
    struct Ended: Error {
        let errors: String
    }
}

// MARK: - What a test does with a node

extension LocalNode {
    func webSocket(_ path: String = "/websocket") async throws -> WebSocketClient {
        try await WebSocketClient.open(path, at: client)
    }

    func fetch(
        _ target: String,
        _ method: HTTPMethod = .get,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        chunk: Int? = nil
    ) async throws -> HTTPAnswer {
        let request = HTTPRequestText(method, target, headers, body: body, chunk: chunk)
        return try await HTTPAnswer.fetch(request, method, from: client)
    }

    /// The state of the cluster as this node sees it.
    func status() async throws -> StatusReport {
        try StatusReport(
            json: await AdminClient(address: admin, token: nil).get("/cluster/status")
        )
    }

    /// What this node says about itself.
    func figures() async throws -> NodeReport.Figures {
        let report = try await status().nodes.first { $0.name == name }
        return try #require(report?.figures)
    }

    /// Where an object is, as this node says; that wakes no object.
    func locate(_ className: String, _ name: String) async throws -> ObjectLocation {
        let key = try #require(ObjectKey(className: className, name: name))
        let json = try await AdminClient(address: admin, token: nil).get(
            ObjectLocation.path(of: key)
        )
        return try JSONDecoder().decode(ObjectLocation.self, from: Data(json))
    }

    /// So many names of objects that live, or would live, on `owner`, as this node says.
    func names(
        _ count: Int,
        of className: String,
        on owner: LocalNode
    ) async throws -> [String] {
        var names: [String] = []
        for number in 1...200 where names.count < count {
            let name = "\(className)-\(number)"
            if try await locate(className, name).owner == owner.name { names.append(name) }
        }
        try #require(names.count == count, "too few names on \(owner.name)")
        return names
    }

    /// A command of an operator who asks this node, when it has ended.
    func command(_ arguments: String...) async throws -> RookProcess {
        let process = try RookProcess(arguments + ["--admin", "\(admin)"])
        try await process.exit()
        return process
    }
}
