import Foundation
package import Primitives
import Wire

/// Whether a node serves, and how far it is on its way out: the JSON of `/cluster/drain` and
/// `/cluster/cordon`.
package struct ServiceStatus: Codable, Equatable, Sendable {
    /// Whether a node serves.
    package enum State: String, Codable, Sendable {
        case serving
        /// It takes no new clients; those that it has, and its objects, stay.
        case cordoned
        case draining
        /// It is no member any more, and its process ends.
        case left
    }

    package var node: String
    package var state: State
    /// While it drains: `grace`, `handingOver`, `closing` or `leaving`.
    package var step: String?
    /// Partitions that it owns or runs still.
    package var partitions: Int
    /// Clients that are connected to it.
    package var clients: Int
    /// Those that it had when the drain began.
    package var clientsAtFirst: Int?
    package var partitionsAtFirst: Int?
    /// Clients that are sent away in a second.
    package var rate: Int?
    /// Until it ends, done or not.
    package var secondsLeft: Double?
    /// Whether `DELETE` takes it back now.
    package var canUndo: Bool

    package init(node: String, state: State, partitions: Int, clients: Int) {
        self.node = node
        self.state = state
        self.partitions = partitions
        self.clients = clients
        canUndo = false
    }
}

extension ServiceStatus {
    package static let drainPath = "/cluster/drain"
    package static let cordonPath = "/cluster/cordon"

    /// What stands behind the path for a node and the numbers of a drain; empty for neither.
    package static func query(_ node: NodeID?, _ numbers: DrainNumbers = DrainNumbers()) -> String {
        let pairs = [
            ("node", node?.name), ("rate", numbers.rate), ("grace", numbers.grace),
            ("deadline", numbers.deadline),
        ]
        let given = pairs.compactMap { name, value in
            value.map { "\(name)=\(PercentEncoding.encode($0))" }
        }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }

    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// One line of `rook drain`, `rook cordon` and `rook uncordon`.
    package var text: String {
        let text =
            switch state {
            case .serving: "\(node) serves: \(counts)"
            case .cordoned: "\(node) is cordoned, it takes no new clients: \(counts)"
            case .draining: "\(node) drains, \(stepText): \(counts)"
            case .left: "\(node) has left the cluster"
            }
        return text.printable
    }

    private var counts: String {
        "partitions \(HumanUnits.count(partitions)), clients \(HumanUnits.count(clients))"
    }

    private var stepText: String {
        switch step {
        case "grace": "still serving until balancers notice"
        case "handingOver": "handing over its objects"
        case "closing": "sending its clients away"
        case "leaving": "leaving"
        case let other: other ?? "on its way out"
        }
    }

    /// The same for a line that is written over again and again, with a bar of how much is done.
    package var bar: String {
        guard state == .draining else { return text }
        let done = Int((share * 20).rounded(.down))
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: 20 - done)
        let left = secondsLeft.map { ", \(HumanUnits.duration(seconds: $0)) at most" } ?? ""
        return "[\(bar)] \(text)\(left)"
    }

    /// How much of the partitions and clients is gone, 0 to 1.
    private var share: Double {
        let first = (partitionsAtFirst ?? 0, clientsAtFirst ?? 0)
        func gone(_ left: Int, of first: Int) -> Double {
            first > 0 ? 1 - min(Double(left) / Double(first), 1) : 1
        }
        return (gone(partitions, of: first.0) + gone(clients, of: first.1)) / 2
    }
}
