package import Primitives

/// What a node believes of a member.
package enum MemberStatus: UInt8, Comparable, CaseIterable, Sendable {
    case alive = 1
    /// A probe of it failed; it has a while to refute.
    case suspect
    /// It did not refute in time.
    case dead
    /// It said itself that it goes.
    case left

    /// Alive or suspect: still probed, still told the news.
    package var isLive: Bool { self <= .suspect }

    package static func < (first: MemberStatus, second: MemberStatus) -> Bool {
        first.rawValue < second.rawValue
    }
}

/// What is claimed of a member, and how strong the claim is.
///
/// Claims about one member are totally ordered, and everybody keeps the greatest one heard; that
/// alone makes all tables equal in the end. A later process beats an earlier one whatever is
/// claimed of either. Of one process, `left` is final, and otherwise
/// `alive(n) < suspect(n) < dead(n) < alive(n + 1)`, where `n` is the refutation, which only the
/// member itself may raise (SWIM section 4.2). So `dead` is refutable: two halves of a healed
/// partition can find each other again without a restart.
package struct Standing: Hashable, Comparable, Sendable {
    /// Which process of the member the claim is about.
    package var incarnation: Incarnation
    /// How often that process has refuted a suspicion.
    package var refutation: UInt32
    package var status: MemberStatus

    package init(_ status: MemberStatus, incarnation: Incarnation, refutation: UInt32) {
        self.incarnation = incarnation
        self.refutation = refutation
        self.status = status
    }

    package static func < (first: Standing, second: Standing) -> Bool {
        first.strength < second.strength
    }

    private var strength: (UInt64, UInt8, UInt32, UInt8) {
        (incarnation.value, status == .left ? 1 : 0, refutation, status.rawValue)
    }
}
