import Primitives
import Wire

/// A request as it goes over the wire.
struct HTTPRequestText {
    var bytes: [UInt8]

    /// With `chunk`, the body goes in chunks of so many bytes, and else with its length.
    init(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        chunk: Int? = nil,
        host: String = "localhost"
    ) {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
        for field in headers.fields { head += "\(field.name): \(field.value)\r\n" }
        if chunk != nil {
            head += "Transfer-Encoding: chunked\r\n"
        } else if let body {
            head += "Content-Length: \(body.count)\r\n"
        }
        bytes = Array((head + "\r\n").utf8)
        guard let body else { return }
        guard let chunk else {
            bytes += body
            return
        }
        for start in stride(from: 0, to: body.count, by: chunk) {
            let end = min(start + chunk, body.count)
            bytes += Array("\(String(end - start, radix: 16))\r\n".utf8)
            bytes += body[start..<end]
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("0\r\n\r\n".utf8)
    }
}

/// A node's answer to one request.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8] = []
    /// What came behind it: of another protocol, after 101.
    var remainder: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The next answer on `connection`.
    static func read(
        from connection: TestConnection,
        to method: HTTPMethod,
        until deadline: Deadline = Deadline(after: Deadline.patience)
    ) async throws -> HTTPAnswer {
        var parser = HTTPResponseParser(to: method)
        var answer: HTTPAnswer?
        while true {
            while let event = try parser.next() {
                switch event {
                case .head(let head):
                    answer = HTTPAnswer(status: Int(head.status.code), headers: head.headers)
                case .body(let bytes): answer?.body += bytes
                case .end:
                    guard var answer else { throw HTTPError.unexpectedEnd }
                    answer.remainder = parser.takeRemainder()
                    return answer
                }
            }
            if let bytes = try await connection.read(until: deadline) {
                parser.append(bytes)
            } else {
                parser.close()
                guard try parser.next() == .end, let answer else { throw HTTPError.unexpectedEnd }
                return answer
            }
        }
    }

    /// The same for a request without a body.
    static func of(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders = [:],
        at address: SocketAddress
    ) async throws -> HTTPAnswer {
        try await fetch(HTTPRequestText(method, target, headers), method, from: address)
    }

    /// The answer to one request on a connection of its own.
    static func fetch(
        _ request: HTTPRequestText,
        _ method: HTTPMethod = .get,
        from address: SocketAddress
    ) async throws -> HTTPAnswer {
        let connection = try await TestConnection.open(to: address)
        await connection.write(request.bytes)
        let answer = try await read(from: connection, to: method)
        await connection.close()
        return answer
    }
}
