import Primitives
import Transport
import Wire

/// A connection of which the proxy in front has not said yet whose it is.
///
/// Lives on the loop that serves the client.
final class ProxyGreeting: RosterMember, StreamConnectionDelegate {
    /// What has come: whose connection it is, and the client's own first bytes.
    struct Outcome {
        let stream: StreamConnection
        /// Nil where the proxy speaks for itself.
        let client: SocketAddress?
        let leftover: [UInt8]
    }

    var rosterIndex: Int?
    private let stream: StreamConnection
    /// The other end.
    var proxy: SocketAddress? { stream.peer }
    private var parser = ProxyHeaderParser()
    private var timer: TimerID?
    private var completed: ((ProxyGreeting, Result<Outcome, ProxyGreetingError>) -> Void)?

    /// `completed` is called once.
    init(
        _ stream: StreamConnection,
        completed: @escaping (ProxyGreeting, Result<Outcome, ProxyGreetingError>) -> Void
    ) {
        self.stream = stream
        self.completed = completed
        stream.delegate = self
    }

    /// Begins to read; the header must be whole within `time`.
    func start(within time: Duration) {
        do {
            try stream.start()
        } catch {
            return conclude(.failure(.ended))
        }
        timer = stream.loop.schedule(after: time) { [weak self] in
            self?.conclude(.failure(.timedOut))
        }
    }

    /// Ends without a word.
    func cancel() { conclude(.failure(.ended)) }

    private func conclude(_ result: Result<Outcome, ProxyGreetingError>) {
        guard let completed else { return }
        self.completed = nil
        if let timer { stream.loop.cancel(timer) }
        stream.delegate = nil
        if case .failure = result { stream.abort() }
        completed(self, result)
    }

    func received(_ bytes: Span<UInt8>) {
        do throws(ProxyHeaderError) {
            guard let header = try parser.receive(bytes) else { return }
            let leftover = parser.takeLeftover()
            let client = header.client
            conclude(.success(Outcome(stream: stream, client: client, leftover: leftover)))
        } catch {
            conclude(.failure(.refused(error)))
        }
    }

    func peerEnded() { conclude(.failure(.ended)) }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { conclude(.failure(.ended)) }
}

/// Why a proxy's connection is not served.
enum ProxyGreetingError: Error {
    case refused(ProxyHeaderError)
    case timedOut
    case ended

    /// The word under which it is counted.
    var reason: StaticString {
        switch self {
        case .refused(let error): error.reason
        case .timedOut: "proxy_timeout"
        case .ended: "proxy_ended"
        }
    }
}
