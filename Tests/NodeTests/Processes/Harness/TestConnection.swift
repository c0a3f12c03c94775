import Primitives
import Transport

/// A TCP connection of a test to a node.
///
/// It reads only while it is asked to, so whoever does not ask is a slow client. Letting go of it
/// cuts it.
actor TestConnection: StreamConnectionDelegate {
    private let stream: LoopBound<StreamConnection>
    private var reader: CheckedContinuation<[UInt8]?, any Error>?
    private var hasEnded = false

    nonisolated var loop: EventLoop { stream.loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// On the loop of the test that opens it.
    static func open(to address: SocketAddress) async throws -> TestConnection {
        let loop = TestLoop.current
        let stream = try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                Connector.connect(to: address, loop: loop, timeout: Deadline.patience) { result in
                    continuation.resume(with: result.map { LoopBound($0, on: loop) })
                }
            }
        }
        let connection = TestConnection(stream)
        try await connection.start()
        return connection
    }

    private init(_ stream: LoopBound<StreamConnection>) { self.stream = stream }

    deinit { stream.execute { $0.abort() } }

    private func start() throws {
        stream.onLoop.delegate = self
        try stream.onLoop.start()
        stream.onLoop.pauseReading()
    }

    func write(_ bytes: [UInt8]) { stream.onLoop.write(bytes) }

    /// What comes next; nil when the connection has ended.
    func read(until deadline: Deadline) async throws -> [UInt8]? {
        guard !hasEnded else { return nil }
        stream.onLoop.resumeReading()
        let timer = loop.schedule(after: deadline.left) { [weak self] in
            self?.assumeIsolated { $0.give(.failure(Overdue(what: "bytes from the node"))) }
        }
        defer { loop.cancel(timer) }
        return try await withCheckedThrowingContinuation { reader = $0 }
    }

    /// Reads and throws away until the node ends the connection.
    func waitForEnd(within patience: Duration = Deadline.patience) async throws {
        let deadline = Deadline(after: patience)
        while try await read(until: deadline) != nil {}
    }

    /// Ends the connection in good order.
    func close() { stream.onLoop.close() }

    /// Cuts the connection without a word.
    func abort() { stream.onLoop.abort() }

    private func give(_ result: Result<[UInt8]?, any Error>) {
        stream.onLoop.pauseReading()
        let reader = reader.take()
        reader?.resume(with: result)
    }

    private func end() {
        hasEnded = true
        give(.success(nil))
    }

    // MARK: - What the stream reports

    nonisolated func received(_ bytes: Span<UInt8>) {
        let bytes = [UInt8](copying: bytes)
        assumeIsolated { $0.give(.success(bytes)) }
    }

    nonisolated func peerEnded() { assumeIsolated { $0.end() } }

    nonisolated func outputDrained() {}

    nonisolated func ended(_ end: StreamEnd) { assumeIsolated { $0.end() } }
}
