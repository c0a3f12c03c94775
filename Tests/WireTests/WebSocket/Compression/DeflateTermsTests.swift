import Testing

@testable import Wire

/// RFC 7692 section 7.1: what is answered to each offer.
@Suite struct DeflateTermsTests {
    private static func answer(_ fields: [String], bits: Int = 15) -> String? {
        ExtensionOffer.list(fields)
            .flatMap { DeflateTerms(answering: $0, windowBitsMax: bits)?.fieldValue }
    }

    /// The offer, and the answer of a server that takes windows of 15 bits.
    static let accepted = [
        ("permessage-deflate", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        (
            "permessage-deflate; client_max_window_bits=10",
            "permessage-deflate; client_max_window_bits=10"
        ),
        (
            "permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=8"
        ),
        (
            "permessage-deflate; server_max_window_bits=9",
            "permessage-deflate; server_max_window_bits=9"
        ),
        (
            "permessage-deflate; server_max_window_bits=15",
            "permessage-deflate; server_max_window_bits=15"
        ),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover"
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            "permessage-deflate; client_no_context_takeover"
        ),
        (
            "permessage-deflate;server_no_context_takeover;client_no_context_takeover"
                + ";server_max_window_bits=11;client_max_window_bits=12",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                + "; server_max_window_bits=11; client_max_window_bits=12"
        ),
        (
            "permessage-deflate; server_max_window_bits=\"10\"",
            "permessage-deflate; server_max_window_bits=10"
        ),
        // The first that can be taken, of several.
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate"
        ),
        (
            "x-webkit-deflate-frame, permessage-deflate; foo, permessage-deflate",
            "permessage-deflate"
        ),
        (" , permessage-deflate ,", "permessage-deflate"),
    ]

    @Test(arguments: accepted)
    func `an offer is answered with its parameters`(offer: String, answer: String) {
        #expect(Self.answer([offer]) == answer)
    }

    @Test(arguments: [
        "", "permessage-bzip2", "Permessage-Deflate", "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=99999999999999999999",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits",
    ])
    func `an offer that cannot be taken is declined`(offer: String) {
        #expect(ExtensionOffer.list([offer]) != nil)
        #expect(Self.answer([offer]) == nil)
    }

    @Test(arguments: [
        "permessage-deflate;", "; a", "a b", "a; b c", "a; =1", "a; b=", "a; b=\"\"", "a; b=\"1",
        "a; b=\"1,2\"", "a;; b", "=", "\"a\"", "a; b=1=2", "a(", "ä",
    ])
    func `a field that is not as RFC 6455 has it is no list`(field: String) {
        #expect(ExtensionOffer.list([field]) == nil)
        #expect(ExtensionOffer.list(["permessage-deflate", field]) == nil)
    }

    @Test func `offers in several fields are one list`() throws {
        let offers = try #require(ExtensionOffer.list(["a; x=1, b", "permessage-deflate;y"]))
        #expect(offers.map(\.name) == ["a", "b", "permessage-deflate"])
        #expect(offers[0].parameters == [ExtensionOffer.Parameter(name: "x", value: "1")])
        #expect(offers[2].parameters == [ExtensionOffer.Parameter(name: "y", value: nil)])
    }

    @Test func `a smaller window of the server's own goes before the client's wishes`() throws {
        let offers = try #require(
            ExtensionOffer.list(["permessage-deflate; client_max_window_bits"])
        )
        let terms = try #require(DeflateTerms(answering: offers, windowBitsMax: 12))
        #expect(terms.serverWindowBits == 12)
        #expect(terms.clientWindowBits == 12)
        #expect(terms.fieldValue == "permessage-deflate; client_max_window_bits=12")
        let silent = try #require(ExtensionOffer.list(["permessage-deflate"]))
        // A client that has not said that it can be told uses what it likes.
        #expect(DeflateTerms(answering: silent, windowBitsMax: 9)?.clientWindowBits == 15)
    }

    @Test func `an end that keeps nothing says so, and never less than was asked for`() throws {
        let offers = try #require(
            ExtensionOffer.list(["permessage-deflate; client_no_context_takeover"])
        )
        let terms = try #require(DeflateTerms(answering: offers, windowBitsMax: 15))
        let value = terms.keeping(server: false, client: true).fieldValue
        #expect(
            value == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        )
    }
}
