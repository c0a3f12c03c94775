import Testing

@testable import Wire

@Suite struct HTTPErrorTests {
    private static let all: [(HTTPError, UInt16)] = [
        (.invalidRequestLine, 400), (.methodTooLong(limit: 0), 501),
        (.connectNotImplemented, 501), (.invalidTarget, 400), (.targetTooLong(limit: 0), 414),
        (.unsupportedVersion, 505), (.tooManyEmptyLines(limit: 0), 400), (.bareLineFeed, 400),
        (.invalidFieldName(byte: nil), 400), (.invalidFieldValue(byte: 0), 400),
        (.foldedField, 400), (.tooManyFields(limit: 0), 431), (.headTooLarge(limit: 0), 431),
        (.invalidHost, 400), (.invalidContentLength, 400),
        (.repeatedContentLength(count: 2), 400), (.lengthAndTransferCoding, 400),
        (.transferCodingInHTTP10, 400), (.invalidTransferCoding, 400),
        (.unknownTransferCoding, 501), (.bodyTooLarge(limit: 0), 413), (.invalidChunkLine, 400),
        (.chunkLineTooLong(limit: 0), 400), (.missingChunkEnd, 400),
        (.trailerTooLarge(limit: 0), 431), (.invalidStatusLine, 502), (.unexpectedEnd, 400),
    ]

    @Test func `every error has the status that the standard gives it`() {
        for (error, code) in Self.all { #expect(error.status == HTTPStatus(code), "\(error)") }
    }

    @Test func `every reason is another word`() {
        #expect(Set(Self.all.map { "\($0.0.reason)" }).count == Self.all.count)
    }
}
