import Glibc
import Primitives

@testable import Transport

/// A connection under test, on a loop of its own, and its peer.
struct StreamFixture: Sendable {
    let loop: TestLoop
    let stream: LoopBound<StreamConnection>
    let recorder = StreamRecorder()
    let peer: Peer

    /// Small buffers make writes partial early.
    init(
        sendBuffer: Int32? = nil,
        receiveBuffer: Int32? = nil,
        isStarted: Bool = true
    ) async throws {
        loop = try TestLoop()
        let (number, peer) = try Self.pair(receiveBuffer: receiveBuffer)
        let descriptor = FileDescriptor(owning: number)
        self.peer = peer
        if let sendBuffer {
            try SystemCall.setOption(number, level: SOL_SOCKET, SO_SNDBUF, sendBuffer)
        }
        stream = LoopBound(
            StreamConnection(descriptor, peer: nil, loop: loop.loop),
            on: loop.loop
        )
        guard isStarted else { return }
        try await onStream { [recorder] stream in
            stream.delegate = recorder
            try stream.start()
        }
    }

    /// Both ends of a fresh TCP connection; the first is open and the caller's to close.
    static func pair(receiveBuffer: Int32? = nil) throws -> (number: Int32, peer: Peer) {
        let listening = try SystemCall.socket(.stream, for: .loopback(port: 0))
        try SystemCall.bind(listening.number, to: .loopback(port: 0))
        try SystemCall.listen(listening.number, backlog: 1)
        guard let address = try SystemCall.localAddress(listening.number) else {
            throw SocketError(operation: "getsockname", code: EINVAL)
        }
        let peer = try Peer(connectingTo: address, receiveBuffer: receiveBuffer)
        guard let accepted = try SystemCall.accept(listening.number) else {
            throw SocketError(operation: "accept", code: EAGAIN)
        }
        return (accepted.number, peer)
    }

    /// Runs `body` on the loop with the connection.
    @discardableResult
    func onStream<Result: Sendable>(
        _ body: @escaping @Sendable (StreamConnection) throws -> Result
    ) async throws -> Result {
        let stream = stream
        return try await loop.run { try body(stream.onLoop) }
    }

    func write(_ bytes: [UInt8]) async throws { try await onStream { $0.write(bytes) } }

    func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Waits for the end, and for nothing to follow it.
    func end() async throws -> [StreamEnd] {
        try await recorder.seen.until("the end") { !$0.ends.isEmpty }
        try await loop.turn()
        return recorder.seen.value.ends
    }

    func received(_ text: String) async throws {
        let bytes = Array(text.utf8)
        try await recorder.seen.until("\(text) received") { $0.bytes == bytes }
    }
}
