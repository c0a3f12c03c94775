import Primitives
import Testing

@testable import Wire

@Suite struct TextPatternTests {
    private func pattern(_ text: String) throws -> TextPattern {
        try #require(TextPattern(text, byteCountMax: 64))
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("aa", "a", false),
        ("*", "", true), ("*", "anything at all", true), ("a*", "a", true), ("a*", "ab", true),
        ("a*", "ba", false), ("*a", "ba", true), ("*a", "ab", false), ("*a", "a", true),
        ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "abcd", false), ("a*c", "acc", true),
        ("a*b*c", "a-b-c", true), ("a*b*c", "acb", false), ("**", "x", true), ("*ab", "aab", true),
        ("*aab", "aaab", true), ("room-*", "room-", true), ("room-*", "room", false),
        ("*", "a*b", true), ("a?c", "abc", false), ("[ab]", "a", false), ("ö*", "öl", true),
        ("A", "a", false),
    ])
    func `a star is any text, and all else itself`(text: String, value: String, fits: Bool) throws {
        #expect(try pattern(text).matches(value) == fits)
    }

    /// Two spellings that Unicode calls the same are two names.
    @Test func `bytes are compared, and not characters`() throws {
        #expect(try !pattern("e\u{301}").matches("\u{E9}"))
        #expect(try pattern("e\u{301}") != pattern("\u{E9}"))
    }

    @Test func `eight stars are a pattern, nine are not`() {
        let eight = String(repeating: "*", count: TextPattern.starCountMax)
        #expect(TextPattern(eight, byteCountMax: 64) != nil)
        #expect(TextPattern(eight + "*", byteCountMax: 64) == nil)
    }

    @Test func `so many bytes are a pattern, one more or none are not`() {
        let text = String(repeating: "x", count: 64)
        #expect(TextPattern(text, byteCountMax: 64) != nil)
        #expect(TextPattern(text + "x", byteCountMax: 64) == nil)
        #expect(TextPattern("", byteCountMax: 64) == nil)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `it agrees with the plain definition`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func text(_ letters: [Character], _ count: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: count, using: &random)).map { _ in
                    letters.randomElement(using: &random) ?? "a"
                }
            )
        }
        let written = text(["a", "b", "*"], 1...8)
        let value = text(["a", "b"], 0...10)
        let fits = Self.fits(Array(written.utf8)[...], Array(value.utf8)[...])
        #expect(try pattern(written).matches(value) == fits, "seed \(seed): \(written) \(value)")
    }

    private static func fits(_ pattern: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return value.isEmpty }
        guard first != UInt8(ascii: "*") else {
            return (0...value.count).contains { fits(pattern.dropFirst(), value.dropFirst($0)) }
        }
        return value.first == first && fits(pattern.dropFirst(), value.dropFirst())
    }
}
