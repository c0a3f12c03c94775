/// Where the body of a message ends (RFC 9112 section 6.3).
enum BodyFraming: Equatable, Sendable {
    case length(Int)
    case chunked
    case untilClose

    /// What `headers` say, or nil when they say nothing.
    ///
    /// Refuses what two readers could understand in two ways, for that is how a request is
    /// smuggled past one of them (RFC 9112 section 11.2).
    init?(
        _ headers: HTTPHeaders,
        version: HTTPVersion,
        limits: HTTPLimits
    ) throws(HTTPError) {
        let lengths = headers.occurrences("Content-Length")
        let codings = headers.occurrences("Transfer-Encoding")
        if let coding = codings.first {
            guard version == .http11 else { throw .transferCodingInHTTP10 }
            guard lengths.count == 0 else { throw .lengthAndTransferCoding }
            guard codings.count == 1, HTTPCharacters.equal(coding, "chunked".utf8) else {
                throw Self.refusal(of: headers.list("Transfer-Encoding"))
            }
            self = .chunked
        } else if let length = lengths.first {
            guard lengths.count == 1 else { throw .repeatedContentLength(count: lengths.count) }
            guard !length.isEmpty, length.allSatisfy(HTTPCharacters.isDigit) else {
                throw .invalidContentLength
            }
            guard let count = Self.decimal(length), count <= limits.bodyBytesMax else {
                throw .bodyTooLarge(limit: limits.bodyBytesMax)
            }
            self = .length(count)
        } else {
            return nil
        }
    }

    /// A list that is right but for a coding before the last is beyond us; others are wrong.
    private static func refusal(of codings: [String]) -> HTTPError {
        let isChunked = codings.map { HTTPCharacters.equal($0.utf8, "chunked".utf8) }
        let isRight = codings.count > 1 && isChunked.firstIndex(of: true) == codings.count - 1
        return isRight ? .unknownTransferCoding : .invalidTransferCoding
    }

    /// A number in plain digits; nil for anything else, or when it is too large for an `Int`.
    static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            guard HTTPCharacters.isDigit(digit) else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = scaled.addingReportingOverflow(Int(digit) - 48)
            guard !overflow, !overflowed else { return nil }
            value = sum
        }
        return value
    }
}
