import Wire

/// The opening handshakes of one thread (RFC 6455 section 4.1).
///
/// One random key for all of them: what a server has to prove is the same, and the hash is made
/// once, which else would be much of what a connection costs here.
struct ClientHandshake: Sendable {
    private let accept: String
    private let fields: String

    init(headers: HTTPHeaders, using random: inout some RandomNumberGenerator) {
        let nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let key = Base64.encode(nonce)
        accept = WebSocketUpgrade.accept(key: key)
        let own = [
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: \(key)",
        ]
        fields = (own + headers.fields.map { "\($0.name): \($0.value)" })
            .map { $0 + "\r\n" }.joined()
    }

    /// The request of the connection with this number.
    func request(to url: BenchURL, number: Int) -> [UInt8] {
        let line = "GET \(url.path(of: number)) HTTP/1.1\r\nHost: \(url.authority)\r\n"
        return Array("\(line)\(fields)\r\n".utf8)
    }

    /// Why the answer opens no WebSocket; nil when it does.
    func refusal(in head: HTTPResponseHead) -> ConnectionEnd? {
        guard head.status == .switchingProtocols else { return .refused(head.status) }
        guard head.headers.listed("websocket", in: "Upgrade"),
            head.headers.listed("upgrade", in: "Connection"),
            head.headers.all("Sec-WebSocket-Accept") == [accept],
            !head.headers.contains("Sec-WebSocket-Extensions")
        else { return .badAnswer("a 101 that answers another handshake") }
        return nil
    }
}
