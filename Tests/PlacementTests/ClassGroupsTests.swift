import Primitives
import Testing

@testable import Placement

/// The set of the classes with these names.
func classSet(_ names: String...) throws -> ClassSet {
    try #require(ClassSet(names.map(ClassHash.init(of:))))
}

@Suite struct ClassGroupsTests {
    private let a = ClassHash(of: "A")
    private let b = ClassHash(of: "B")
    private let c = ClassHash(of: "C")

    @Test func `a set has its classes, each once, and one of any has all`() throws {
        let set = try #require(ClassSet([b, a, b]))
        #expect(set.classes == [a, b].sorted())
        #expect(set.contains(a) && !set.contains(c))
        #expect(ClassSet.any.contains(c))
    }

    @Test func `a node has at most sixty-four classes`() {
        let names = (0...ClassSet.countMax).map { ClassHash(of: "class \($0)") }
        #expect(ClassSet(names.dropLast())?.classes?.count == 64)
        #expect(ClassSet(names) == nil)
    }

    @Test func `members that run the same are one group, whatever that is`() throws {
        let groups = ClassGroups(of: [try classSet("A", "B"), try classSet("B", "A")])
        #expect(groups.count == 1 && groups.setCount == 1)
        #expect(groups.group(of: a) == 0 && groups.group(of: b) == 0)
        #expect(groups.group(of: c) == nil)
        #expect(ClassGroups.one.group(of: c) == 0)
        #expect(ClassGroups(of: [ClassSet]()).group(of: c) == 0)
        #expect(ClassGroups(of: [try classSet()]).count == 0)
    }

    @Test func `the classes of one group have the same members`() throws {
        let sets = [try classSet("A", "B"), try classSet("B", "C"), .any]
        let groups = ClassGroups(of: sets)
        #expect(groups.count == 4)
        #expect(Set([a, b, c, ClassHash(of: "D")].map(groups.group(of:))).count == 4)
        for name in [a, b, c, ClassHash(of: "D")] {
            let group = try #require(groups.group(of: name))
            for set in sets {
                #expect(groups.contains(group, in: set) == set.contains(name))
            }
        }
        #expect(ClassGroups(of: sets.reversed() + sets) == groups)
    }

    @Test func `pairs tell for each class the groups of two views`() throws {
        let old = ClassGroups(of: [try classSet("A", "B")])
        let new = ClassGroups(of: [try classSet("A", "B"), try classSet("A")])
        #expect(new.pairs(with: old, of: try classSet("A", "B")).count == 2)
        #expect(old.pairs(with: old, of: try classSet("A", "B")).count == 1)
        let gone = new.pairs(with: old, of: try classSet("C"))
        #expect(gone.count == 1 && gone[0] == (nil, nil))
        // A and B, whose members are the same twice, and the rest.
        #expect(ClassGroups.one.pairs(with: new, of: .any).count == 3)
    }

    @Test func `too many groups are told, and too many sets`() throws {
        func single(_ count: Int) throws -> [ClassSet] {
            try (0..<count).map { try classSet("class \($0)") }
        }
        #expect(!ClassGroups.areTooMany(try single(ClassGroups.countMax)))
        #expect(ClassGroups.areTooMany(try single(ClassGroups.countMax + 1)))
        // Of five classes there are 31 sets and five groups.
        let all = try (1...ClassGroups.setsMax + 1).map { bits in
            let names = (0..<5).filter { bits & 1 << $0 != 0 }.map { ClassHash(of: "\($0)") }
            return try #require(ClassSet(names))
        }
        #expect(!ClassGroups.areTooMany(all.dropLast()))
        #expect(ClassGroups.areTooMany(all))
    }
}
