import Primitives
import Synchronization
import Transport
import Wire

/// A node's answer to one request.
public struct TestResponse: Equatable, Sendable {
    public let status: Int
    public let body: [UInt8]
    private let fields: [Field]

    private struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    init(_ head: HTTPResponseHead, body: [UInt8]) {
        status = Int(head.status.code)
        self.body = body
        fields = head.headers.fields.map { Field(name: "\($0.name)", value: $0.value) }
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of a header; upper and lower case are the same.
    public func header(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One request on a connection of its own.
///
/// Lives on the loop of the clients.
final class TestCall {
    /// What has become of it.
    enum Outcome: Sendable {
        case answered(TestResponse)
        case failed(String)
    }

    private let loop: EventLoop
    private let request: [UInt8]
    private var parser: HTTPResponseParser
    private var stream: StreamConnection?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var completed: ((Outcome) -> Void)?

    init(
        _ method: HTTPMethod,
        _ request: [UInt8],
        on loop: EventLoop,
        completed: @escaping (Outcome) -> Void
    ) {
        self.loop = loop
        self.request = request
        self.completed = completed
        parser = HTTPResponseParser(to: method)
    }

    func connect(to address: SocketAddress) {
        Connector.connect(to: address, loop: loop, timeout: .seconds(10)) { [self] result in
            switch result {
            case .success(let stream): begin(stream)
            case .failure(let error): complete(.failed("\(error)"))
            }
        }
    }

    private func begin(_ stream: StreamConnection) {
        guard completed != nil, (try? stream.start()) != nil else { return stream.abort() }
        self.stream = stream
        stream.delegate = self
        stream.write(request)
    }

    func abort() { complete(.failed("the test waits no more")) }

    private func complete(_ outcome: Outcome) {
        completed?(outcome)
        completed = nil
        stream?.close()
        stream = nil
    }

    private func advance() {
        do {
            while let event = try parser.next() {
                switch event {
                case .head(let head): self.head = head
                case .body(let piece): body += piece
                case .end:
                    guard let head else { continue }
                    return complete(.answered(TestResponse(head, body: body)))
                }
            }
        } catch {
            complete(.failed("\(error)"))
        }
    }
}

extension TestCall: StreamConnectionDelegate {
    func received(_ bytes: Span<UInt8>) {
        parser.append(bytes)
        advance()
    }

    func peerEnded() {
        parser.close()
        advance()
    }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { complete(.failed("\(end)")) }
}
