import Primitives
import Testing

@Suite struct ObjectKeyTests {
    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test func `a class and a name may be as long as their limits`() throws {
        let key = try #require(ObjectKey(className: text(128), name: text(1_024)))
        #expect(key.className.utf8.count == ObjectKey.classByteCountMax)
        #expect(key.name.utf8.count == ObjectKey.nameByteCountMax)
    }

    @Test func `an empty or too long part is refused`() {
        #expect(ObjectKey(className: "", name: "a") == nil)
        #expect(ObjectKey(className: "A", name: "") == nil)
        #expect(ObjectKey(className: text(129), name: "a") == nil)
        #expect(ObjectKey(className: "A", name: text(1_025)) == nil)
    }

    @Test func `the limits count bytes and not characters`() {
        #expect(ObjectKey(className: "A", name: String(repeating: "é", count: 512)) != nil)
        #expect(ObjectKey(className: "A", name: String(repeating: "é", count: 513)) == nil)
    }

    /// Unicode calls each pair the same; the hash that places a name does not.
    @Test(arguments: [("\u{E9}", "e\u{301}"), ("\u{212B}", "A\u{30A}"), ("\u{212B}", "\u{C5}")])
    func `equivalent spellings are different objects`(first: String, second: String) throws {
        #expect(first == second)
        let one = try #require(ObjectKey(className: "A", name: first))
        let other = try #require(ObjectKey(className: "A", name: second))
        #expect(one != other)
        #expect(Set([one, other, one]).count == 2)
        #expect((one < other) != (other < one))
        #expect(ObjectKey(className: first, name: "a") != ObjectKey(className: second, name: "a"))
    }

    @Test func `keys are ordered by class, then by name, as bytes`() {
        let keys = [("B", "a"), ("A", "b"), ("A", "\u{FF5E}"), ("A", "a"), ("A", "\u{1F600}")]
        let sorted = keys.compactMap { ObjectKey(className: $0, name: $1) }.sorted()
        #expect(sorted.map(\.description) == ["A/a", "A/b", "A/\u{FF5E}", "A/\u{1F600}", "B/a"])
    }
}
