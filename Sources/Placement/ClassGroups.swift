/// The classes that the members of one view run, divided into groups.
///
/// The classes of one group have the same members, so one table says who owns them. Members that
/// all run the same are one group, however many classes they have; what no member runs is in none.
package struct ClassGroups: Equatable, Sendable {
    /// Groups of one view; a member with which there would be more is not admitted.
    package static let countMax = 16
    /// Distinct sets of classes among the members of one view; likewise.
    package static let setsMax = 16

    /// In order.
    private let classes: [ClassHash]
    /// The group of each.
    private let groups: [UInt16]
    /// The group of all others, which only members run that run everything.
    private let rest: Int?
    /// How many groups there are.
    package let count: Int
    /// How many distinct sets the members have.
    package let setCount: Int

    /// The groups do not depend on the order of the `sets`, nor on how often each of them is there.
    package init(of sets: some Sequence<ClassSet>) {
        let distinct = Set(sets)
        let named = distinct.compactMap(\.classes).sorted { $0.lexicographicallyPrecedes($1) }
        setCount = distinct.count
        classes = Set(named.joined()).sorted()
        var known: [[Bool]: UInt16] = [:]
        var groups: [UInt16] = []
        for name in classes {
            let runners = named.map { $0.contains(name) }
            let group = known[runners] ?? UInt16(truncatingIfNeeded: known.count)
            known[runners] = group
            groups.append(group)
        }
        self.groups = groups
        // Before there is a member, as if one were to come that runs everything.
        rest = distinct.contains(.any) || distinct.isEmpty ? known.count : nil
        count = known.count + (rest == nil ? 0 : 1)
    }

    /// Every class, run by all members.
    package static let one = ClassGroups(of: [ClassSet.any])

    /// True when no class stands apart: whoever runs one runs every one.
    package var isOne: Bool { rest != nil && classes.isEmpty }

    /// Whether members with these sets can be in one view.
    package static func areTooMany(_ sets: some Sequence<ClassSet>) -> Bool {
        let groups = ClassGroups(of: sets)
        return groups.count > countMax || groups.setCount > setsMax
    }

    /// The group of a class; nil when no member runs it.
    package func group(of name: ClassHash) -> Int? {
        var low = 0
        var high = classes.count
        while low < high {
            let middle = (low + high) / 2
            if classes[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low < classes.count && classes[low] == name ? Int(groups[low]) : rest
    }

    /// Whether a member with this set runs the classes of `group`.
    func contains(_ group: Int, in set: ClassSet) -> Bool {
        guard group != rest, let first = groups.firstIndex(of: UInt16(group)) else {
            return set == .any
        }
        return set.contains(classes[first])
    }

    /// For each class of `set` its group here and its group in `other`, every pair once.
    func pairs(with other: ClassGroups, of set: ClassSet) -> [(own: Int?, other: Int?)] {
        var pairs: [(own: Int?, other: Int?)] = []
        func add(_ own: Int?, _ other: Int?) {
            guard !pairs.contains(where: { $0 == (own, other) }) else { return }
            pairs.append((own, other))
        }
        for name in set.classes ?? Set(classes + other.classes).sorted() {
            add(group(of: name), other.group(of: name))
        }
        if set == .any { add(rest, other.rest) }
        return pairs
    }
}
