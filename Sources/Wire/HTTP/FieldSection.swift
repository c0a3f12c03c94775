/// Reads field lines up to the empty line that ends them: the fields of a head, or a trailer.
struct FieldSection: Sendable {
    private let fieldCountMax: Int
    /// What is thrown when the section has more bytes than it may.
    private let tooLarge: HTTPError
    private var bytesLeft: Int
    private var headers = HTTPHeaders()

    /// The fields of a head whose first line, its line break included, had `firstLineBytes`.
    init(headAfter firstLineBytes: Int, limits: HTTPLimits) {
        bytesLeft = limits.headBytesMax - firstLineBytes
        fieldCountMax = limits.fieldCountMax
        tooLarge = .headTooLarge(limit: limits.headBytesMax)
    }

    init(trailer limits: HTTPLimits) {
        bytesLeft = limits.trailerBytesMax
        fieldCountMax = limits.fieldCountMax
        tooLarge = .trailerTooLarge(limit: limits.trailerBytesMax)
    }

    /// All the fields once the last of them is there; nil for "needs more".
    mutating func read(from buffer: inout InputBuffer) throws(HTTPError) -> HTTPHeaders? {
        if headers.isEmpty { headers.reserveForHead() }
        while true {
            switch try buffer.line(limit: bytesLeft) {
            case .incomplete: return nil
            case .tooLong: throw tooLarge
            case .whole(let line):
                guard !line.isEmpty else { return headers }
                bytesLeft -= line.count + 2
                try add(line)
            }
        }
    }

    /// RFC 9112 section 5.1: a token, a colon right behind it, and a value between blanks.
    private mutating func add(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        guard headers.count < fieldCountMax else { throw .tooManyFields(limit: fieldCountMax) }
        let bytes = line.span
        if !bytes.isEmpty, HTTPCharacters.isBlank(bytes[0]) { throw .foldedField }
        var colon = 0
        while colon < bytes.count, HTTPCharacters.isToken(bytes[colon]) { colon += 1 }
        guard colon < bytes.count else { throw .invalidFieldName(byte: nil) }
        guard colon > 0, bytes[colon] == HTTPCharacters.colon else {
            throw .invalidFieldName(byte: bytes[colon])
        }
        let value = HTTPCharacters.trimmed(bytes, (colon + 1)..<bytes.count)
        if let byte = HTTPCharacters.firstNoFieldValue(in: bytes.extracting(value)) {
            throw .invalidFieldValue(byte: byte)
        }
        headers.append(name: bytes.extracting(..<colon), value: bytes.extracting(value))
    }
}
