/// The first line of a request (RFC 9112 section 3).
struct RequestLine: Sendable {
    let method: HTTPMethod
    let target: RequestTarget
    let version: HTTPVersion

    /// Three words with one space between them.
    init(_ line: ArraySlice<UInt8>, limits: HTTPLimits) throws(HTTPError) {
        guard let first = line.firstIndex(of: HTTPCharacters.space),
            let last = line.lastIndex(of: HTTPCharacters.space), first < last,
            let method = HTTPMethod(line[..<first])
        else { throw .invalidRequestLine }
        let target = line[(first + 1)..<last]
        guard first - line.startIndex <= limits.methodBytesMax else {
            throw .methodTooLong(limit: limits.methodBytesMax)
        }
        guard target.count <= limits.targetBytesMax else {
            throw .targetTooLong(limit: limits.targetBytesMax)
        }
        version = try HTTPVersion(line[(last + 1)...], otherwise: .invalidRequestLine)
        // It has a form of target of its own.
        guard method != .connect else { throw .connectNotImplemented }
        guard let target = RequestTarget(target),
            target.form != .asterisk || method == .options
        else { throw .invalidTarget }
        self.method = method
        self.target = target
    }

    /// The longest line that keeps the limits, with its line break.
    static func bytesMax(_ limits: HTTPLimits) -> Int {
        limits.methodBytesMax + limits.targetBytesMax + " ".utf8.count
            + " HTTP/1.1\r\n".utf8.count
    }

    /// What is too long in a line that starts with `line`.
    static func tooLong(_ line: ArraySlice<UInt8>, limits: HTTPLimits) -> HTTPError {
        line.prefix(limits.methodBytesMax + 1).contains(HTTPCharacters.space)
            ? .targetTooLong(limit: limits.targetBytesMax)
            : .methodTooLong(limit: limits.methodBytesMax)
    }
}

extension HTTPVersion {
    /// Throws `.unsupportedVersion` for a version of HTTP, and `malformed` for anything else.
    ///
    /// A later minor version than 1 is read as 1 (RFC 9110 section 2.5).
    init(_ word: ArraySlice<UInt8>, otherwise malformed: HTTPError) throws(HTTPError) {
        // By far the most frequent one.
        if HTTPCharacters.same(word.span, "HTTP/1.1".utf8Span.span) {
            self = .http11
        } else if word.elementsEqual("HTTP/1.0".utf8) {
            self = .http10
        } else if word.count == "HTTP/1.1".utf8.count, word.starts(with: "HTTP/1.".utf8),
            word.last.map(HTTPCharacters.isDigit) ?? false
        {
            self = .http11
        } else {
            let number = word.dropFirst("HTTP/".utf8.count)
            let isVersion =
                word.starts(with: "HTTP/".utf8) && !number.isEmpty
                && number.allSatisfy { HTTPCharacters.isDigit($0) || $0 == UInt8(ascii: ".") }
            throw isVersion ? .unsupportedVersion : malformed
        }
    }
}
