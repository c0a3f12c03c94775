/// Finds the responses in the bytes that a server sends, for the client side.
///
/// Used like `HTTPRequestParser`. Interim responses are skipped, but for a 101, which is one to
/// the client here.
package struct HTTPResponseParser: Sendable {
    /// One step in a message: its head, any number of pieces of its body, its end.
    package enum Event: Equatable, Sendable {
        case head(HTTPResponseHead)
        /// Some of the body, never empty.
        case body([UInt8])
        /// The response is complete.
        case end
    }

    private enum State {
        case statusLine
        case fields(StatusLine, FieldSection)
        case body(BodyReader)
        case failed(HTTPError)
    }

    private let method: HTTPMethod
    private let limits: HTTPLimits
    private var buffer = InputBuffer()
    private var state = State.statusLine
    private var isClosed = false

    /// `method` is that of the requests: a response to HEAD has no body, whatever its length says.
    package init(to method: HTTPMethod = .get, limits: HTTPLimits = HTTPLimits()) {
        self.method = method
        self.limits = limits
    }

    /// Takes what was received; nothing is looked at before `next`.
    package mutating func append(_ bytes: Span<UInt8>) { buffer.append(bytes) }
    package mutating func append(_ bytes: [UInt8]) { buffer.append(bytes.span) }

    /// Says that the server has closed the connection, which ends a body without a length.
    ///
    /// Inside any other response, `next` throws `.unexpectedEnd` instead of asking for more.
    package mutating func close() { isClosed = true }

    /// The next event, or nil for "needs more"; an error is final.
    package mutating func next() throws(HTTPError) -> Event? {
        do throws(HTTPError) {
            if let event = try step() { return event }
            return isClosed ? try end() : nil
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Takes out what follows the last event: another protocol's bytes after a 101.
    package mutating func takeRemainder() -> [UInt8] { buffer.take(.max) }

    private mutating func step() throws(HTTPError) -> Event? {
        while true {
            switch state {
            case .statusLine: guard try readStatusLine() else { return nil }
            case .fields(let line, let section):
                guard let head = try readFields(of: line, section) else { return nil }
                if head.status == .switchingProtocols || !head.status.isInformational {
                    return .head(head)
                }
                state = .statusLine
            case .body(let reader): return try readBody(reader)
            case .failed(let error): throw error
            }
        }
    }

    /// False for "needs more".
    private mutating func readStatusLine() throws(HTTPError) -> Bool {
        switch try buffer.line(limit: StatusLine.bytesMax) {
        case .incomplete: return false
        case .tooLong: throw .invalidStatusLine
        case .whole(let line):
            let section = FieldSection(headAfter: line.count + 2, limits: limits)
            state = .fields(try StatusLine(line), section)
            return true
        }
    }

    private mutating func readFields(
        of line: StatusLine,
        _ soFar: FieldSection
    ) throws(HTTPError) -> HTTPResponseHead? {
        var section = soFar
        guard let headers = try section.read(from: &buffer) else {
            state = .fields(line, section)
            return nil
        }
        state = .body(BodyReader(try framing(line, headers), limits: limits))
        return HTTPResponseHead(status: line.status, headers: headers)
    }

    private func framing(
        _ line: StatusLine,
        _ headers: HTTPHeaders
    ) throws(HTTPError) -> BodyFraming {
        guard method != .head, line.status.allowsBody else { return .length(0) }
        return try BodyFraming(headers, version: line.version, limits: limits) ?? .untilClose
    }

    private mutating func readBody(_ soFar: BodyReader) throws(HTTPError) -> Event? {
        var reader = soFar
        let piece = try reader.next(from: &buffer)
        state = .body(reader)
        switch piece {
        case .bytes(let bytes): return .body(bytes)
        case .end:
            state = .statusLine
            return .end
        case nil: return nil
        }
    }

    /// What the end of the connection means, with no more bytes to read.
    private mutating func end() throws(HTTPError) -> Event? {
        switch state {
        case .statusLine where buffer.isEmpty: return nil
        case .body(let reader) where reader.endsWithConnection:
            state = .statusLine
            return .end
        case .statusLine, .fields, .body: throw .unexpectedEnd
        case .failed(let error): throw error
        }
    }
}
