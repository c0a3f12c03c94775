import Primitives
import Testing

@testable import Wire

/// What an edge answers by itself: its limits, its matching and its bytes.
@Suite struct AutoResponsesTests {
    private func responses(_ texts: (String, String)...) throws -> AutoResponses {
        try AutoResponses(texts.map { (request: $0.0, response: $0.1) }, number: 7)
    }

    private func decode(_ bytes: [UInt8]) throws -> AutoResponses {
        var reader = ByteReader(bytes)
        let decoded = try AutoResponses(from: &reader)
        try reader.finish()
        return decoded
    }

    // MARK: - Limits

    @Test func `16 pairs pass and 17 do not`() throws {
        let most = (1...16).map { (request: "\($0)", response: "") }
        #expect(try AutoResponses(most, number: 1).pairs.count == 16)
        #expect(throws: AutoResponseError.tooMany(count: 17, limit: 16)) {
            try AutoResponses(most + [(request: "17", response: "")], number: 1)
        }
    }

    @Test func `a text of 2,048 bytes passes on either side, and one of 2,049 does not`() throws {
        let most = String(repeating: "é", count: 1_024)
        #expect(try responses((most, most)).pairs[0].response.count == 2_048)
        for texts in [(most + "a", ""), ("", most + "a")] {
            #expect(throws: AutoResponseError.textTooLong(byteCount: 2_049, limit: 2_048)) {
                try responses(texts)
            }
        }
    }

    @Test func `all together are at most 16,384 bytes`() throws {
        // Five bytes in front, and four for each pair.
        let long = String(repeating: "a", count: 2_047)
        var texts = (1...7).map { (request: "\($0)", response: long) }
        let rest = 16_384 - 5 - 7 * (4 + 1 + 2_047) - 4 - 1
        texts.append((request: "8", response: String(repeating: "b", count: rest)))
        let responses = try AutoResponses(texts, number: 1)
        var writer = ByteWriter()
        responses.encode(to: &writer)
        #expect(writer.count == 16_384)
        #expect(try decode(writer.bytes) == responses)
        texts[7].response += "b"
        #expect(throws: AutoResponseError.tooLarge(byteCount: 16_385, limit: 16_384)) {
            try AutoResponses(texts, number: 1)
        }
    }

    @Test func `one request has one response`() throws {
        #expect(throws: AutoResponseError.duplicateRequest("a")) {
            try responses(("a", "b"), ("c", "d"), ("a", "e"))
        }
    }

    // MARK: - Matching

    @Test func `a text is answered when it is the request byte for byte`() throws {
        let responses = try responses(("ping", "pong"), ("", "nothing"), ("é", "e"))
        func answer(_ text: String) -> [UInt8]? { responses.response(to: .init(text: text)) }
        #expect(answer("ping") == Array("pong".utf8))
        #expect(answer("") == Array("nothing".utf8))
        #expect(answer("é") == Array("e".utf8))
        for text in ["Ping", "ping ", "pin", "pong", "e\u{301}"] { #expect(answer(text) == nil) }
        let binary = WebSocketMessage(kind: .binary, payload: Array("ping".utf8))
        #expect(responses.response(to: binary) == nil)
    }

    // MARK: - Bytes

    @Test func `the bytes are a number and the pairs`() throws {
        var writer = ByteWriter()
        try responses(("ab", "c"), ("", "")).encode(to: &writer)
        #expect(writer.bytes == bytes(hex: "00000007 02 0002 6162 0001 63 0000 0000"))
    }

    @Test func `every prefix is refused, and a byte too many`() throws {
        var writer = ByteWriter()
        try responses(("ab", "c"), ("d", "e")).encode(to: &writer)
        for count in 0..<writer.count {
            #expect(throws: ByteError.truncated) { try decode(Array(writer.bytes[..<count])) }
        }
        #expect(throws: ByteError.trailing(count: 1)) { try decode(writer.bytes + [0]) }
    }

    @Test(arguments: [
        ("00000001 11", ByteError.tooLong(length: 17, limit: 16)),
        ("00000001 01 0801", .tooLong(length: 2_049, limit: 2_048)),
        ("00000001 01 0000 0801", .tooLong(length: 2_049, limit: 2_048)),
        ("00000001 02 0001 61 0000 0001 61 0000", .invalidValue),
        ("00000001 01 0001 FF 0000", .invalidText),
    ])
    func `what no object can have set is refused`(hex: String, error: ByteError) {
        #expect(throws: error) { try decode(bytes(hex: hex)) }
    }
}
