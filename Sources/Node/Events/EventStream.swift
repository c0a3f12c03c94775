import Primitives
import Transport
import Wire

/// One reader of the events, over a connection that was HTTP's (server-sent events, of the HTML
/// standard).
///
/// Lives on the control loop.
final class EventStream {
    /// Bytes that may wait for a reader who does not keep up; with more it is told, and cut off.
    ///
    /// All kept events fit twice, however large they are.
    static let waitingBytesMax = 2 * EventLog.keptMax * ClusterEvent.bytesMax
    /// A comment in so long, so that both sides find out when the other one is gone.
    static let heartbeat = Duration.seconds(10)
    /// What the reader is to wait for before it comes back, in milliseconds.
    static let retryMilliseconds = 1_000

    private let stream: StreamConnection
    private let writer: HTTPStreamWriter
    private let ended: (EventStream) -> Void
    private var isOver = false

    /// Answers the request in work with a stream; nil when the client is gone.
    init?(
        answering request: HTTPRequest,
        on connection: HTTPConnection,
        ended: @escaping (EventStream) -> Void
    ) {
        let loop = connection.loop
        var writer = HTTPStreamWriter(for: request.head, keepAlive: false)
        var output: [UInt8] = []
        let date = HTTPDate.text(secondsSince1970: loop.system.wallTime.components.seconds)
        let headers: HTTPHeaders = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        ]
        let head = HTTPResponseHead(status: HTTPStatus(200), headers: headers)
        writer.start(head, date: date, to: &output)
        guard let (stream, _) = connection.upgrade(output) else { return nil }
        self.stream = stream
        self.writer = writer
        self.ended = ended
        stream.delegate = self
        write(Array("retry: \(Self.retryMilliseconds)\n\n".utf8))
        beat()
    }

    func send(_ event: ClusterEvent) {
        write(event.streamText)
        guard !isOver, stream.queuedBytes > Self.waitingBytesMax else { return }
        cutOff(at: event)
    }

    /// What has not begun to leave is dropped, so that this is the next that the reader gets.
    private func cutOff(at event: ClusterEvent) {
        stream.discardQueued()
        var last = event
        last.id = nil
        last.kind = ClusterEvent.Kind.cutOff.rawValue
        last.node = event.seenBy
        last.level = .warning
        last.text = "This reader was too slow: \(Self.waitingBytesMax) bytes waited for it"
        last.fields = ["limit": "\(Self.waitingBytesMax)"]
        write(last.streamText)
        close()
    }

    private func beat() {
        stream.loop.schedule(after: Self.heartbeat) { [weak self] in
            guard let self, !isOver else { return }
            write(Array(": \n\n".utf8))
            beat()
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard !isOver else { return }
        var output: [UInt8] = []
        writer.write(bytes, to: &output)
        stream.write(output)
    }

    /// Ends in good order: what waits is still written.
    func close() {
        guard !isOver else { return }
        var output: [UInt8] = []
        writer.end(to: &output)
        stream.write(output)
        stream.close()
        over()
    }

    private func over() {
        guard !isOver else { return }
        isOver = true
        ended(self)
    }
}

extension EventStream: StreamConnectionDelegate {
    /// A reader has nothing to say.
    func received(_ bytes: Span<UInt8>) {}

    func peerEnded() { close() }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { over() }
}
