import Testing

@testable import Wire

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("a%20b", "a b"), ("%41%7a%7A", "Azz"), ("%2F", "/"),
        ("%25%32%46", "%2F"), ("+", "+"), ("%00", "\u{0}"), ("%F0%9F%90%A6", "\u{1F426}"),
    ])
    func `what is encoded well is decoded once`(encoded: String, text: String) {
        #expect(PercentEncoding.decode(encoded[...]) == text)
    }

    @Test(arguments: [
        "%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%%41", "% 1", "%+1", "%FF", "%C3", "%C0%AF",
        "%ED%A0%80", "%F4%90%80%80", "%C3%28",
    ])
    func `bad digits and bad UTF-8 are refused`(encoded: String) {
        #expect(PercentEncoding.decode(encoded[...]) == nil)
    }

    @Test func `what was encoded decodes to itself`() {
        let text = "a-z._~/%+ &=?\u{0}\u{E9}\u{1F426}"
        let encoded = PercentEncoding.encode(text)
        #expect(encoded == "a-z._~%2F%25%2B%20%26%3D%3F%00%C3%A9%F0%9F%90%A6")
        #expect(PercentEncoding.decode(encoded[...]) == text)
    }
}
