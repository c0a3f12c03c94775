/// Finds the requests in the bytes that a client sends (RFC 9112), one after the other.
///
/// Append what was received, then call `next` until it gives nil. What is kept between is less
/// than a head, so a caller that drains it needs no limit of its own. A caller that is not ready
/// for the next request stops calling, and stops reading.
package struct HTTPRequestParser: Sendable {
    /// One step in a message: its head, any number of pieces of its body, its end.
    package enum Event: Equatable, Sendable {
        case head(HTTPRequestHead)
        /// Some of the body, never empty.
        case body([UInt8])
        /// The request is complete; what follows belongs to the next one.
        case end
    }

    private enum State {
        case requestLine(emptyLines: Int)
        case fields(RequestLine, FieldSection)
        case body(BodyReader)
        case failed(HTTPError)
    }

    private let limits: HTTPLimits
    private var buffer = InputBuffer()
    private var state = State.requestLine(emptyLines: 0)

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Takes what was received; nothing is looked at before `next`.
    package mutating func append(_ bytes: Span<UInt8>) { buffer.append(bytes) }
    package mutating func append(_ bytes: [UInt8]) { buffer.append(bytes.span) }

    /// The next event, or nil for "needs more".
    ///
    /// An error is final: every later call throws it again.
    package mutating func next() throws(HTTPError) -> Event? {
        do throws(HTTPError) {
            return try step()
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// True when nothing of a request has come since the end of the one before.
    package var isIdle: Bool {
        if case .requestLine = state { buffer.isEmpty } else { false }
    }

    /// Bytes that have come and are not read yet.
    package var bufferedBytes: Int { buffer.count }

    /// Takes out what follows the last event: another protocol's bytes after an upgrade.
    package mutating func takeRemainder() -> [UInt8] { buffer.take(.max) }

    private mutating func step() throws(HTTPError) -> Event? {
        while true {
            switch state {
            case .requestLine(let emptyLines):
                guard try readRequestLine(emptyLines: emptyLines) else { return nil }
            case .fields(let line, let section):
                return try readFields(of: line, section).map(Event.head)
            case .body(let reader):
                return try readBody(reader)
            case .failed(let error):
                throw error
            }
        }
    }

    /// False for "needs more".
    private mutating func readRequestLine(emptyLines: Int) throws(HTTPError) -> Bool {
        switch try buffer.line(limit: RequestLine.bytesMax(limits)) {
        case .incomplete: return false
        case .tooLong(let line): throw RequestLine.tooLong(line, limits: limits)
        case .whole(let line) where line.isEmpty:
            guard emptyLines < limits.emptyLineCountMax else {
                throw .tooManyEmptyLines(limit: limits.emptyLineCountMax)
            }
            state = .requestLine(emptyLines: emptyLines + 1)
        case .whole(let line):
            let section = FieldSection(headAfter: line.count + 2, limits: limits)
            state = .fields(try RequestLine(line, limits: limits), section)
        }
        return true
    }

    private mutating func readFields(
        of line: RequestLine,
        _ soFar: FieldSection
    ) throws(HTTPError) -> HTTPRequestHead? {
        var section = soFar
        guard let headers = try section.read(from: &buffer) else {
            state = .fields(line, section)
            return nil
        }
        try Self.checkHost(headers, version: line.version)
        let framing = try BodyFraming(headers, version: line.version, limits: limits)
        state = .body(BodyReader(framing ?? .length(0), limits: limits))
        return HTTPRequestHead(
            method: line.method,
            target: line.target,
            version: line.version,
            headers: headers
        )
    }

    private mutating func readBody(_ soFar: BodyReader) throws(HTTPError) -> Event? {
        var reader = soFar
        let piece = try reader.next(from: &buffer)
        state = .body(reader)
        switch piece {
        case .bytes(let bytes): return .body(bytes)
        case .end:
            state = .requestLine(emptyLines: 0)
            return .end
        case nil: return nil
        }
    }

    /// RFC 9112 section 3.2: exactly one, and only HTTP/1.0 may do without.
    private static func checkHost(
        _ headers: HTTPHeaders,
        version: HTTPVersion
    ) throws(HTTPError) {
        let hosts = headers.occurrences("Host")
        guard hosts.count == 1 || hosts.count == 0 && version == .http10,
            hosts.first.map(HostAndPort.isValid) ?? true
        else { throw .invalidHost }
    }
}
