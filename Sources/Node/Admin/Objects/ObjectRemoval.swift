import Foundation
package import Primitives

/// What became of an instance that was to go: the JSON of `POST /cluster/objects/…/move` and
/// `…/evict`.
package struct ObjectRemoval: Codable, Equatable, Sendable {
    /// How an instance is made to go.
    package enum Manner: String, CaseIterable, Sendable {
        /// It ends its event, leaves its snapshot and says farewell, as when its node leaves.
        case move
        /// It is cut off: what it was at is in doubt.
        case evict
    }

    /// How far it is.
    package enum Outcome: String, Codable, Sendable {
        /// Nothing of it is left; the next event makes an instance.
        case gone
        /// It has not ended its event yet, and is cut off in the end.
        case leaving
        /// There was no instance.
        case absent
        /// The owner may do nothing now: refused.
        case frozen
        /// The node that was asked is not the owner any more: refused.
        case elsewhere
    }

    package var className: String
    package var name: String
    /// The node that had it.
    package var node: String
    package var outcome: Outcome

    private enum CodingKeys: String, CodingKey {
        case className = "class"
        case name, node, outcome
    }
}

extension ObjectRemoval {
    /// The resource that has an instance go, at the admin side of any node.
    package static func path(of key: ObjectKey, _ manner: Manner) -> String {
        "\(ObjectReport.path(of: key))/\(manner.rawValue)"
    }

    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// One line of `rook move` and `rook evict`.
    package var text: String {
        let object = "\(className)/\(name)"
        let text =
            switch outcome {
            case .gone: "\(object): the instance at \(node) is gone; the next event makes another"
            case .leaving: "\(object): the instance at \(node) is at its last event"
            case .absent: "\(object) has no instance in memory at \(node), its owner"
            case .frozen, .elsewhere: "\(object) stays at \(node): \(outcome.rawValue)"
            }
        return text.printable
    }

    /// Why nothing was done, if nothing was.
    var refusal: OperationRefusal? {
        switch outcome {
        case .gone, .leaving, .absent: nil
        case .frozen: .notNow("\(node) has no lease: nothing that it runs can be moved now")
        case .elsewhere: .notNow("\(node) is not the owner any more; ask again")
        }
    }
}
