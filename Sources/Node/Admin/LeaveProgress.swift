import Foundation

/// How far a node is with leaving its cluster for good: the JSON of `/cluster/leave`.
package struct LeaveProgress: Codable, Equatable, Sendable {
    /// Where it is on the way out.
    package enum State: String, Codable, Sendable {
        /// It does not leave.
        case member
        case leaving
        /// It is no member any more, and the process is about to end.
        case left
    }

    /// How long a process answers after it has left, so that whoever waits for it hears of it.
    package static let farewell = Duration.seconds(1)

    package var node: String
    package var state: State
    /// How many partitions it still runs or owns.
    package var partitions: Int
    /// How many clients are connected to it.
    package var clients: Int

    package init(node: String, state: State, partitions: Int, clients: Int) {
        self.node = node
        self.state = state
        self.partitions = partitions
        self.clients = clients
    }
}

extension LeaveProgress {
    package static let path = "/cluster/leave"

    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// One line of `rook leave`.
    package var text: String {
        switch state {
        case .member: "\(node) is a member".printable
        case .leaving: "\(node) leaves, left: \(counts)".printable
        case .left: "\(node) has left the cluster".printable
        }
    }

    private var counts: String {
        "partitions \(HumanUnits.count(partitions)), clients \(HumanUnits.count(clients))"
    }
}
