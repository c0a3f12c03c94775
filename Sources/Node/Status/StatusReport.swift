import Foundation
import Placement

/// The state of a cluster as one of its nodes sees it: the JSON of `GET /cluster/status`.
///
/// Later versions add fields and change none, and a reader ignores those it does not know, so any
/// `rook status` can show the report of any node. Times are milliseconds or seconds as their names
/// say; hashes are 16 hexadecimal digits.
package struct StatusReport: Codable, Equatable, Sendable {
    /// The Rookery of the node that answered.
    package var version: String
    package var cluster: String
    /// The node that answered.
    package var node: String
    /// When it answered, in ISO 8601.
    package var time: String
    package var view: View
    /// Every member that the answering node knows, itself too, sorted by name.
    package var members: [Member]
    /// What each member that is not dead said about itself, sorted by name.
    package var nodes: [NodeReport]

    package init(
        version: String = RookeryVersion.current,
        cluster: String,
        node: String,
        time: String,
        view: View,
        members: [Member],
        nodes: [NodeReport]
    ) {
        self.version = version
        self.cluster = cluster
        self.node = node
        self.time = time
        self.view = view
        self.members = members
        self.nodes = nodes
    }
}

extension StatusReport {
    /// The view of the answering node, on which the voters have agreed.
    package struct View: Equatable, Sendable {
        package var epoch: UInt64
        /// The last view that is known to be settled; nil from a Rookery without views.
        package var stableEpoch: UInt64?
        package var ringHash: String
        /// How many members it counts.
        package var members: Int
        /// The members that decide the next view and grant the leases, sorted by name.
        package var voters: [String]
        /// The voter that was last heard to lead.
        package var leader: String?
        /// Whether nothing is under way: see `haveConverged`.
        package var converged: Bool
        /// Since when that is so, as the answering node has seen it, in ISO 8601; one of the two.
        package var agreedSince: String?
        package var disagreeSince: String?
        /// The nodes that do not answer or are not settled on the view, sorted by name.
        package var disagreeing: [String] = []

        package init(
            epoch: UInt64,
            stableEpoch: UInt64? = nil,
            ringHash: String,
            members: Int,
            voters: [String] = [],
            leader: String? = nil,
            converged: Bool
        ) {
            self.epoch = epoch
            self.stableEpoch = stableEpoch
            self.ringHash = ringHash
            self.members = members
            self.voters = voters
            self.leader = leader
            self.converged = converged
        }
    }

    /// What gossip says of a member.
    package enum MemberState: String, CaseIterable, Codable, Sendable {
        case alive
        case suspect
        case dead
        case left
    }

    /// One member as gossip knows it.
    package struct Member: Codable, Equatable, Sendable {
        /// Where the member is reached; empty where that is not known.
        package struct Addresses: Codable, Equatable, Sendable {
            package var peer: String
            package var client: String
            package var admin: String

            package init(peer: String, client: String, admin: String) {
                self.peer = peer
                self.client = client
                self.admin = admin
            }
        }

        package var name: String
        package var state: MemberState
        package var incarnation: UInt64
        package var addresses: Addresses
        package var weight: Int
        /// The round trip of a probe; nil before the first answer, and for the node itself.
        package var rttMilliseconds: Double?

        package init(
            name: String,
            state: MemberState,
            incarnation: UInt64,
            addresses: Addresses,
            weight: Int,
            rttMilliseconds: Double? = nil
        ) {
            self.name = name
            self.state = state
            self.incarnation = incarnation
            self.addresses = addresses
            self.weight = weight
            self.rttMilliseconds = rttMilliseconds
        }
    }
}

extension StatusReport {
    /// The JSON, the same bytes for the same report.
    package func json() throws -> [UInt8] {
        try JSON.bytes(of: self)
    }

    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// A ring hash as the report writes it.
    package static func hexadecimal(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether the cluster has settled on `view`: every one of `nodes` has answered, is at this
    /// view with this ring, knows it to be stable, has a lease, and neither joins nor leaves; and
    /// there are as many voters as members can have.
    package static func haveConverged(_ nodes: [NodeReport], on view: View) -> Bool {
        guard view.voters.count >= OwnershipMachine.voterCount(of: view.members) else {
            return false
        }
        return nodes.allSatisfy { $0.agrees(with: view) }
    }
}

extension NodeReport {
    /// Whether the node has answered and is settled on `view`.
    func agrees(with view: StatusReport.View) -> Bool {
        guard let figures else { return false }
        return figures.epoch == view.epoch && figures.ringHash == view.ringHash
            && figures.stableEpoch == view.epoch && figures.leaseMilliseconds != nil
            && figures.role != "joining" && figures.role != "leaving"
            && figures.service != ServiceStatus.State.draining.rawValue
    }
}

// A Rookery that has no views yet leaves out what they have brought.
extension StatusReport.View: Codable {
    private enum CodingKeys: String, CodingKey {
        case epoch
        case stableEpoch
        case ringHash
        case members
        case voters
        case leader
        case converged
        case agreedSince
        case disagreeSince
        case disagreeing
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            epoch: try container.decode(UInt64.self, forKey: .epoch),
            stableEpoch: try container.decodeIfPresent(UInt64.self, forKey: .stableEpoch),
            ringHash: try container.decode(String.self, forKey: .ringHash),
            members: try container.decode(Int.self, forKey: .members),
            voters: try container.decodeIfPresent([String].self, forKey: .voters) ?? [],
            leader: try container.decodeIfPresent(String.self, forKey: .leader),
            converged: try container.decode(Bool.self, forKey: .converged)
        )
        agreedSince = try container.decodeIfPresent(String.self, forKey: .agreedSince)
        disagreeSince = try container.decodeIfPresent(String.self, forKey: .disagreeSince)
        disagreeing = try container.decodeIfPresent([String].self, forKey: .disagreeing) ?? []
    }
}

extension StatusReport.Member {
    /// Whether its process has ended, as far as gossip knows.
    var isGone: Bool { state == .dead || state == .left }
}

extension StatusReport {
    /// Every class that the program of any node has.
    var classes: Set<String> { Set(nodes.flatMap { $0.figures?.classes ?? [] }) }

    /// The versions that any two nodes speak with each other, sorted.
    var linkVersions: [Int] { Set(nodes.flatMap { $0.figures?.linkVersions ?? [] }).sorted() }
}

extension NodeReport.Figures {
    /// The versions that this node speaks with any other.
    var linkVersions: Set<Int> { Set(links.compactMap(\.version)) }
}
