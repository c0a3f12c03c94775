/// Writes a whole response to one request, framed so that its client can find the end of it.
///
/// The fields that say so belong to the writer: `Content-Length`, `Transfer-Encoding`,
/// `Connection` and `Date` in a given head are left out. A value cannot hold a line break, since
/// `HTTPHeaders` takes none.
package struct HTTPResponseWriter: Sendable {
    /// False when the connection must be closed after the response.
    package let keepAlive: Bool
    private let version: HTTPVersion
    private let sendsBody: Bool

    /// For the answer to `request`; `keepAlive` says whether the server is willing to go on.
    package init(for request: HTTPRequestHead, keepAlive: Bool = true) {
        self.keepAlive = keepAlive && request.keepAlive
        version = request.version
        sendsBody = request.method != .head
    }

    private init() {
        keepAlive = false
        version = .http11
        sendsBody = true
    }

    /// For the answer to something that was not understood; the connection is closed after it.
    package static let closing = HTTPResponseWriter()

    /// What a client that `expectsContinue` waits for before it sends its body.
    package static let continuing = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends a response; `date` is as `HTTPDate` writes it.
    ///
    /// To HEAD the length is told and the body left out; 204 and 304 have neither.
    package func write(
        _ head: HTTPResponseHead,
        body: [UInt8],
        date: String,
        to output: inout [UInt8]
    ) {
        if writeHead(head, bodyBytes: body.count, date: date, to: &output) { output += body }
    }

    /// Appends all of a response but its body; true when that is to follow.
    package func writeHead(
        _ head: HTTPResponseHead,
        bodyBytes: Int,
        date: String,
        to output: inout [UInt8]
    ) -> Bool {
        head.write(date: date, version: version, keepAlive: keepAlive, to: &output)
        if head.status.allowsBody {
            output += "Content-Length: ".utf8
            output += String(bodyBytes).utf8
            output += "\r\n".utf8
        }
        output += "\r\n".utf8
        return head.status.allowsBody && sendsBody
    }
}

/// Writes a response whose length is not known at its start, piece by piece.
///
/// In chunks (RFC 9112 section 7.1), or up to the end of the connection for HTTP/1.0. The fields
/// that belong to the writer are those of `HTTPResponseWriter`.
package struct HTTPStreamWriter: Sendable {
    /// False when the connection must be closed after the response.
    package let keepAlive: Bool
    private let version: HTTPVersion
    private var sendsBody: Bool

    /// For the answer to `request`; `keepAlive` says whether the server is willing to go on.
    package init(for request: HTTPRequestHead, keepAlive: Bool = true) {
        version = request.version
        self.keepAlive = keepAlive && request.keepAlive && version == .http11
        sendsBody = request.method != .head
    }

    /// Appends the head; with a status that allows no body, nothing is sent after it.
    package mutating func start(_ head: HTTPResponseHead, date: String, to output: inout [UInt8]) {
        head.write(date: date, version: version, keepAlive: keepAlive, to: &output)
        if !head.status.allowsBody {
            sendsBody = false
        } else if version == .http11 {
            output += "Transfer-Encoding: chunked\r\n".utf8
        }
        output += "\r\n".utf8
    }

    /// Appends some of the body; no bytes are no chunk, since an empty one is the end.
    package func write(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard sendsBody, !bytes.isEmpty else { return }
        guard version == .http11 else {
            output += bytes
            return
        }
        output += String(bytes.count, radix: 16).utf8
        output += "\r\n".utf8
        output += bytes
        output += "\r\n".utf8
    }

    /// Appends the end of the body.
    package func end(to output: inout [UInt8]) {
        if sendsBody, version == .http11 { output += "0\r\n\r\n".utf8 }
    }
}

extension HTTPResponseHead {
    private static let writersFields = [
        "Content-Length", "Transfer-Encoding", "Connection", "Date",
    ]

    /// The status line and all fields but those about the body.
    fileprivate func write(
        date: String,
        version: HTTPVersion,
        keepAlive: Bool,
        to output: inout [UInt8]
    ) {
        output += "HTTP/1.1 ".utf8
        output += String(status.code).utf8
        output.append(HTTPCharacters.space)
        output += status.reasonPhrase.utf8
        output += "\r\nDate: ".utf8
        output += date.utf8
        output += "\r\n".utf8
        headers.write(to: &output, excluding: Self.writersFields)
        if let options = connectionOptions(version: version, keepAlive: keepAlive) {
            output += "Connection: ".utf8
            output += options.utf8
            output += "\r\n".utf8
        }
    }

    /// Whoever sends `Upgrade` must list it here too (RFC 9110 section 7.8).
    private func connectionOptions(version: HTTPVersion, keepAlive: Bool) -> String? {
        let upgrade = headers.contains("Upgrade")
        switch (version, keepAlive) {
        case (_, false): return upgrade ? "upgrade, close" : "close"
        case (.http10, true): return upgrade ? "upgrade, keep-alive" : "keep-alive"
        case (.http11, true): return upgrade ? "upgrade" : nil
        }
    }
}
