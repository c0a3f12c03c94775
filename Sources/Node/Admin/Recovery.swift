import Foundation
import Placement
import Primitives

/// The view that a forced recovery has made: the JSON of `POST /cluster/recover`.
package struct Recovery: Codable, Equatable, Sendable {
    package var epoch: UInt64
    package var members: [String]

    package init(epoch: UInt64, members: [String]) {
        self.epoch = epoch
        self.members = members
    }
}

/// What `POST /cluster/recover` takes.
package struct RecoveryRequest: Codable, Equatable, Sendable {
    /// The names of the survivors.
    package var members: [String]
    /// Whoever writes true here knows that the others never come back.
    package var force: Bool

    package init(members: [String], force: Bool) {
        self.members = members
        self.force = force
    }
}

extension RecoveryRequest {
    /// The survivors that a request names.
    static func survivors(in body: [UInt8]) throws(AdminRefusal) -> [NodeID] {
        guard let request = try? JSONDecoder().decode(RecoveryRequest.self, from: Data(body)) else {
            throw .badRequest(#"expected {"members": [names], "force": true}"#)
        }
        guard request.force else {
            throw .badRequest("expected force to be true: everyone else is given up for ever")
        }
        let survivors = request.members.compactMap { NodeID($0) }
        guard (1...OwnershipLimits.membersMax).contains(survivors.count),
            survivors.count == request.members.count, Set(survivors).count == survivors.count
        else {
            throw .badRequest(
                "expected 1 to \(OwnershipLimits.membersMax) names of nodes in members, each once"
            )
        }
        return survivors
    }
}
