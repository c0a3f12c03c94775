import Primitives
import Testing

@Suite struct NodeIDTests {
    @Test(
        arguments: [
            "a", "Z", "0", ".", "_", "-", "node-1.example_net", String(repeating: "x", count: 64),
        ]
    )
    func `a name of allowed bytes is an identity`(name: String) {
        #expect(NodeID(name)?.name == name)
        #expect(NodeID(name)?.description == name)
        #expect(NodeID(bytes: Array(name.utf8)[...])?.name == name)
    }

    @Test(
        arguments: [
            "", String(repeating: "x", count: 65), "a b", "a:1", "a/b", "@", "[", "`", "{", "é",
            "e\u{301}", "a\n", "a\0",
        ]
    )
    func `any other name is refused`(name: String) {
        #expect(NodeID(name) == nil)
        #expect(NodeID(bytes: Array(name.utf8)[...]) == nil)
    }

    @Test func `exactly 65 bytes are allowed in a name`() {
        let allowed = (0...127).filter { NodeID(String(UnicodeScalar($0))) != nil }
        #expect(allowed.count == 26 + 26 + 10 + 3)
    }

    @Test func `identities are ordered as their bytes are`() {
        let names = ["b", "A", "a-1", "a.1", "a", "_", "a1", "9"]
        let sorted = names.compactMap { NodeID($0) }.sorted().map(\.name)
        #expect(sorted == ["9", "A", "_", "a", "a-1", "a.1", "a1", "b"])
    }
}

@Suite struct IncarnationTests {
    @Test func `a later run is larger`() {
        #expect(Incarnation(1) < Incarnation(2))
        #expect(!(Incarnation(2) < Incarnation(2)))
        #expect(Incarnation(7).description == "7")
    }
}

@Suite struct EpochTests {
    @Test func `the next epoch is one more`() {
        #expect(Epoch.none.next == Epoch(1))
        #expect(Epoch(1) < Epoch(1).next)
        #expect(Epoch(9).description == "9")
    }

    @Test func `the last epoch has no later one and traps nobody`() {
        #expect(Epoch(.max).next == Epoch(.max))
        #expect(Epoch(.max - 1).next == Epoch(.max))
    }
}
