import Placement
import Primitives

/// Why an object is where it is, by the view of the node that answers.
package struct ObjectPlacement: Codable, Equatable, Sendable {
    /// A member that may have the object.
    package struct Candidate: Codable, Equatable, Sendable {
        package var node: String
        package var weight: Int
        /// Of all objects of the class, the part that a node of this weight has.
        package var share: Double
        /// 1 is the owner, 2 who has it when that one goes, 3 who has it then; nil for the others.
        package var rank: Int?
    }

    package var epoch: UInt64
    package var partition: UInt16
    /// Those that run the class and have a weight: by rank, the others by name.
    package var candidates: [Candidate]
    /// The same in one sentence.
    package var reason: String

    init(of key: ObjectKey, in view: PlacementView) {
        let slot = view.slot(of: key)
        let ranks = view.replicas(of: slot)
        let members = view.runners(of: slot.className).filter { $0.weight > 0 }
        let total = members.reduce(0) { $0 + Int($1.weight) }
        epoch = view.epoch.value
        partition = slot.partition.value
        candidates = members.map { member in
            Candidate(
                node: member.id.name,
                weight: Int(member.weight),
                share: Double(member.weight) / Double(total),
                rank: ranks.firstIndex(of: member.id).map { $0 + 1 }
            )
        }
        .sorted { ($0.rank ?? .max, $0.node) < ($1.rank ?? .max, $1.node) }
        reason = Self.reason(key.className, slot.partition.value, candidates)
    }

    private static func reason(
        _ className: String,
        _ partition: UInt16,
        _ candidates: [Candidate]
    ) -> String {
        guard let owner = candidates.first else {
            return "no member that runs \(className) has a weight"
        }
        guard candidates.count > 1 else {
            return "\(owner.node) is the only member with a weight that runs \(className)"
        }
        return "of \(candidates.count) members that run \(className), \(owner.node) draws the"
            + " lowest cost in partition \(partition); \(candidates[1].node) is next"
    }
}
