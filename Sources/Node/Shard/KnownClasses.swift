package import Placement

/// The classes that this node has ever seen a member run, or runs itself.
///
/// So a class whose last node is gone is one that may come back, and not one that nobody knows.
package struct KnownClasses: Sendable {
    /// What comes when there are so many is not remembered.
    package static let countMax = 4_096

    private var classes: Set<ClassHash> = []

    package init() {}

    /// A member runs these; every class of a member that has said nothing is none.
    package mutating func note(_ set: ClassSet) {
        for name in set.classes ?? [] where classes.count < Self.countMax { classes.insert(name) }
    }

    package func contains(_ name: ClassHash) -> Bool { classes.contains(name) }
}
