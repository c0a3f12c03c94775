/// Reads one body: the bytes of it in pieces as they come, then its end.
struct BodyReader: Sendable {
    enum Piece {
        case bytes([UInt8])
        case end
    }

    private enum State {
        case length(left: Int)
        case chunkLine
        case chunk(left: Int)
        case chunkEnd
        case trailer(FieldSection)
        case untilClose
    }

    private let limits: HTTPLimits
    private var state: State
    /// Bytes of the body so far, those of an announced chunk included.
    private var total = 0

    init(_ framing: BodyFraming, limits: HTTPLimits) {
        self.limits = limits
        switch framing {
        case .length(let count): state = .length(left: count)
        case .chunked: state = .chunkLine
        case .untilClose: state = .untilClose
        }
    }

    /// True when the end of the connection is the end of the body.
    var endsWithConnection: Bool {
        switch state {
        case .untilClose: true
        case .length, .chunkLine, .chunk, .chunkEnd, .trailer: false
        }
    }

    /// The next piece; nil for "needs more".
    mutating func next(from buffer: inout InputBuffer) throws(HTTPError) -> Piece? {
        while true {
            switch state {
            case .length(0): return .end
            case .length(let left):
                guard let bytes = take(left, &buffer) else { return nil }
                state = .length(left: left - bytes.count)
                return .bytes(bytes)
            case .chunk(0): state = .chunkEnd
            case .chunk(let left):
                guard let bytes = take(left, &buffer) else { return nil }
                state = .chunk(left: left - bytes.count)
                return .bytes(bytes)
            case .chunkLine: guard try startChunk(&buffer) else { return nil }
            case .chunkEnd: guard try endChunk(&buffer) else { return nil }
            case .trailer(let section):
                return try readTrailer(section, &buffer) ? .end : nil
            case .untilClose: return try takeRest(&buffer).map(Piece.bytes)
            }
        }
    }

    private func take(_ count: Int, _ buffer: inout InputBuffer) -> [UInt8]? {
        buffer.isEmpty ? nil : buffer.take(count)
    }

    private mutating func takeRest(_ buffer: inout InputBuffer) throws(HTTPError) -> [UInt8]? {
        guard let bytes = take(.max, &buffer) else { return nil }
        try count(bytes.count)
        return bytes
    }

    private mutating func count(_ bytes: Int) throws(HTTPError) {
        guard bytes <= limits.bodyBytesMax - total else {
            throw .bodyTooLarge(limit: limits.bodyBytesMax)
        }
        total += bytes
    }

    /// False for "needs more"; the chunk of size zero is the last.
    private mutating func startChunk(_ buffer: inout InputBuffer) throws(HTTPError) -> Bool {
        switch try buffer.line(limit: limits.chunkLineBytesMax) {
        case .incomplete: return false
        case .tooLong: throw .chunkLineTooLong(limit: limits.chunkLineBytesMax)
        case .whole(let line):
            let size = try chunkSize(line)
            try count(size)
            state = size == 0 ? .trailer(FieldSection(trailer: limits)) : .chunk(left: size)
            return true
        }
    }

    /// RFC 9112 section 7.1: hexadecimal digits, then nothing or an extension, which is ignored.
    ///
    /// Blanks before the semicolon of an extension are allowed, and nowhere else.
    private func chunkSize(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
        var size = 0
        var rest = line
        while let byte = rest.first, let digit = HTTPCharacters.hexValue(byte) {
            guard size <= Int.max >> 4 else { throw .bodyTooLarge(limit: limits.bodyBytesMax) }
            size = size << 4 | Int(digit)
            rest.removeFirst()
        }
        guard rest.startIndex > line.startIndex,
            rest.isEmpty || rest.drop(while: HTTPCharacters.isBlank).first == UInt8(ascii: ";"),
            rest.allSatisfy(HTTPCharacters.isFieldValue)
        else { throw .invalidChunkLine }
        return size
    }

    /// False for "needs more".
    private mutating func endChunk(_ buffer: inout InputBuffer) throws(HTTPError) -> Bool {
        switch try buffer.line(limit: 2) {
        case .incomplete: return false
        case .whole(let line) where line.isEmpty:
            state = .chunkLine
            return true
        case .whole, .tooLong: throw .missingChunkEnd
        }
    }

    /// The fields after the last chunk are checked and dropped; false for "needs more".
    private mutating func readTrailer(
        _ soFar: FieldSection,
        _ buffer: inout InputBuffer
    ) throws(HTTPError) -> Bool {
        var section = soFar
        let isWhole = try section.read(from: &buffer) != nil
        state = .trailer(section)
        return isWhole
    }
}
