/// Has a place in one roster at most.
protocol RosterMember: AnyObject {
    /// The roster's to change.
    var rosterIndex: Int? { get set }
}

/// Such a place in four bytes, for members of which there are very many.
struct RosterPlace {
    /// The greatest number is none.
    private var number = UInt32.max

    var index: Int? {
        get { number == .max ? nil : Int(number) }
        set { number = newValue.map { UInt32($0) } ?? .max }
    }
}

/// Members without an order of their own, added, removed and visited at little cost.
///
/// The order of a visit follows from what has been added and removed before, so that the same
/// history has the same effects in the same order, as a `Set` would not.
struct Roster<Member: RosterMember> {
    private var members: [Member] = []

    mutating func insert(_ member: Member) {
        precondition(member.rosterIndex == nil, "a member is added twice")
        member.rosterIndex = members.count
        members.append(member)
    }

    /// False when it is not there.
    @discardableResult
    mutating func remove(_ member: Member) -> Bool {
        guard let index = member.rosterIndex, index < members.count, members[index] === member
        else { return false }
        member.rosterIndex = nil
        let last = members.removeLast()
        if last !== member {
            members[index] = last
            last.rosterIndex = index
        }
        return true
    }

    /// Gives back memory that the members do not need.
    mutating func shrink() {
        guard members.capacity > members.count else { return }
        members = members.map { $0 }
    }

    mutating func removeAll() {
        for member in members { member.rosterIndex = nil }
        members = []
    }
}

extension Roster: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { members.count }
    subscript(position: Int) -> Member { members[position] }
}
