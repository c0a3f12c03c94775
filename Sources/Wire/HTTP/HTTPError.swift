/// Why a peer's bytes are not a message that we accept.
///
/// Where the message ends is not known any more, so the connection is closed after the answer.
package enum HTTPError: Error, Equatable, Sendable {
    case invalidRequestLine
    case methodTooLong(limit: Int)
    /// CONNECT, which is for proxies.
    case connectNotImplemented
    case invalidTarget
    case targetTooLong(limit: Int)
    case unsupportedVersion
    case tooManyEmptyLines(limit: Int)
    /// A line feed without a carriage return before it.
    case bareLineFeed

    case invalidFieldName(byte: UInt8?)
    case invalidFieldValue(byte: UInt8)
    /// A line that goes on with the value of the one before (RFC 9112 section 5.2).
    case foldedField
    case tooManyFields(limit: Int)
    case headTooLarge(limit: Int)
    /// None, several, or one that is no host.
    case invalidHost

    case invalidContentLength
    case repeatedContentLength(count: Int)
    /// The two ways to say where the body ends, at once: how requests are smuggled.
    case lengthAndTransferCoding
    /// HTTP/1.0 has no transfer codings.
    case transferCodingInHTTP10
    /// Not chunked at the end, or chunked more than once.
    case invalidTransferCoding
    /// A coding beside `chunked`.
    case unknownTransferCoding
    case bodyTooLarge(limit: Int)
    case invalidChunkLine
    case chunkLineTooLong(limit: Int)
    /// The bytes of a chunk are not followed by a line break.
    case missingChunkEnd
    case trailerTooLarge(limit: Int)

    case invalidStatusLine
    /// The connection was closed inside a message.
    case unexpectedEnd
}

extension HTTPError {
    /// The status of the answer to a request that has this error.
    package var status: HTTPStatus {
        switch self {
        case .methodTooLong, .connectNotImplemented, .unknownTransferCoding: .notImplemented
        case .targetTooLong: .uriTooLong
        case .unsupportedVersion: .versionNotSupported
        case .tooManyFields, .headTooLarge, .trailerTooLarge: .requestHeaderFieldsTooLarge
        case .bodyTooLarge: .contentTooLarge
        case .invalidStatusLine: .badGateway
        case .invalidRequestLine, .invalidTarget, .tooManyEmptyLines, .bareLineFeed,
            .invalidFieldName, .invalidFieldValue, .foldedField, .invalidHost,
            .invalidContentLength, .repeatedContentLength, .lengthAndTransferCoding,
            .transferCodingInHTTP10, .invalidTransferCoding, .invalidChunkLine,
            .chunkLineTooLong, .missingChunkEnd, .unexpectedEnd:
            .badRequest
        }
    }

    /// One word per case, for counters.
    package var reason: StaticString {
        switch self {
        case .invalidRequestLine: "invalid-request-line"
        case .methodTooLong: "method-too-long"
        case .connectNotImplemented: "connect-not-implemented"
        case .invalidTarget: "invalid-target"
        case .targetTooLong: "target-too-long"
        case .unsupportedVersion: "unsupported-version"
        case .tooManyEmptyLines: "too-many-empty-lines"
        case .bareLineFeed: "bare-line-feed"
        case .invalidFieldName: "invalid-field-name"
        case .invalidFieldValue: "invalid-field-value"
        case .foldedField: "folded-field"
        case .tooManyFields: "too-many-fields"
        case .headTooLarge: "head-too-large"
        case .invalidHost: "invalid-host"
        case .invalidContentLength: "invalid-content-length"
        case .repeatedContentLength: "repeated-content-length"
        case .lengthAndTransferCoding: "length-and-transfer-coding"
        case .transferCodingInHTTP10: "transfer-coding-in-http-1.0"
        case .invalidTransferCoding: "invalid-transfer-coding"
        case .unknownTransferCoding: "unknown-transfer-coding"
        case .bodyTooLarge: "body-too-large"
        case .invalidChunkLine: "invalid-chunk-line"
        case .chunkLineTooLong: "chunk-line-too-long"
        case .missingChunkEnd: "missing-chunk-end"
        case .trailerTooLarge: "trailer-too-large"
        case .invalidStatusLine: "invalid-status-line"
        case .unexpectedEnd: "unexpected-end"
        }
    }
}
