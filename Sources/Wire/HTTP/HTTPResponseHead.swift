/// Everything of a response but its body.
package struct HTTPResponseHead: Equatable, Sendable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders

    package init(status: HTTPStatus, headers: HTTPHeaders = [:]) {
        self.status = status
        self.headers = headers
    }
}

/// The first line of a response (RFC 9112 section 4).
struct StatusLine: Sendable {
    let status: HTTPStatus
    let version: HTTPVersion

    /// The longest that is read, line break included; nobody needs the words after the code.
    static let bytesMax = 1_024

    init(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        let words = line.split(
            separator: HTTPCharacters.space,
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard words.count >= 2, words[1].count == 3, let code = BodyFraming.decimal(words[1]),
            code >= 100, line.allSatisfy(HTTPCharacters.isFieldValue)
        else { throw .invalidStatusLine }
        status = HTTPStatus(UInt16(code))
        version = try HTTPVersion(words[0], otherwise: .invalidStatusLine)
    }
}
