package import Primitives
import Wire

/// Where an object is: the JSON of `GET /cluster/locate/{class}/{name}`.
///
/// `class`, `name`, `partition`, `owner`, `epoch` and `state`, and all of them always.
package struct ObjectLocation: Codable, Equatable, Sendable {
    /// What its owner says of it.
    package enum State: String, Codable, Sendable {
        /// An instance is there.
        case live
        /// No instance is there; the next event makes one.
        case idle
        /// The owner has to wait until nobody else can have an instance.
        case moving
        /// The owner has no lease: its instance, if there is one, stands still.
        case frozen
        /// The owner does not answer, or there is none.
        case unknown
    }

    package var className: String
    package var name: String
    package var partition: UInt16
    /// Nil when nobody owns anything.
    package var owner: String?
    /// The view of this answer; that of the activation when there is an instance.
    package var epoch: UInt64
    package var state: State

    init(
        _ key: ObjectKey,
        partition: UInt16,
        owner: String?,
        epoch: UInt64,
        state: State
    ) {
        className = key.className
        name = key.name
        self.partition = partition
        self.owner = owner
        self.epoch = epoch
        self.state = state
    }

    private enum CodingKeys: String, CodingKey {
        case className = "class"
        case name
        case partition
        case owner
        case epoch
        case state
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(className, forKey: .className)
        try container.encode(name, forKey: .name)
        try container.encode(partition, forKey: .partition)
        // Not left out without one, as it would be by itself.
        try container.encode(owner, forKey: .owner)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(state, forKey: .state)
    }
}

extension ObjectLocation {
    /// The resource of one object at the admin side of any node.
    package static func path(of key: ObjectKey) -> String {
        let (className, name) = (key.className, key.name)
        return
            "/cluster/locate/\(PercentEncoding.encode(className))/\(PercentEncoding.encode(name))"
    }

    /// The text of `rook locate`.
    package var text: String {
        var table = TextTable([
            .init(title: "CLASS"), .init(title: "NAME"),
            .init(title: "PARTITION", alignment: .right), .init(title: "OWNER"),
            .init(title: "EPOCH", alignment: .right), .init(title: "STATE"),
        ])
        let names = [className, name, "\(partition)", owner ?? "-"].map(\.printable)
        table.append(names + ["\(epoch)", state.rawValue])
        return table.lines(width: .max).map { $0 + "\n" }.joined()
    }
}
