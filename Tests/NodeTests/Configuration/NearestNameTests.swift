import Testing

@testable import Node

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0),
        ("serve", "sevre", 2),
    ])
    func `the distance is the letters to change`(source: String, target: String, expected: Int) {
        #expect(NearestName.distance(from: source, to: target) == expected)
    }

    @Test func `the nearest name is found, if any is near`() {
        let names = ["serve", "status", "secret", "limit.header_bytes"]
        #expect(NearestName.nearest(to: "sevre", in: names) == "serve")
        #expect(NearestName.nearest(to: "stats", in: names) == "status")
        #expect(NearestName.nearest(to: "header_bytes", in: names) == "limit.header_bytes")
        #expect(NearestName.nearest(to: "explode", in: names) == nil)
    }

    @Test func `a very long name is no work`() {
        let written = String(repeating: "x", count: 100_000)
        #expect(NearestName.nearest(to: written, in: ["serve"]) == nil)
    }
}
