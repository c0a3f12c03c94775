import Primitives
import Testing
import Transport
import Wire

@testable import Bench

/// A WebSocket server on loopback that does what a test wants it to.
final class FakeServer: Sendable {
    typealias Behaviour = @Sendable (FakePeer, WebSocketMachine.Event) -> Void

    let url: BenchURL
    private let loop: EventLoop
    private let listener: LoopBound<Listener>

    /// `behaviour` gets all that clients say once they are connected.
    init(_ behaviour: @escaping Behaviour) async throws {
        let loop = try EventLoop()
        try loop.start()
        self.loop = loop
        let listener: LoopBound<Listener> = try await withCheckedThrowingContinuation { answer in
            loop.execute {
                answer.resume(
                    with: Result {
                        let listener = try Listener(on: .loopback(port: 0), loop: loop) {
                            FakePeer.begin(StreamConnection($0, peer: $1, loop: loop), behaviour)
                        }
                        try listener.start()
                        return LoopBound(listener, on: loop)
                    }
                )
            }
        }
        let address = await withCheckedContinuation { answer in
            listener.execute { answer.resume(returning: $0.address) }
        }
        self.listener = listener
        url = try #require(BenchURL("ws://\(address)/{n}"))
    }

    deinit { loop.stop() }
}

/// One client of a `FakeServer`, on the server's loop.
final class FakePeer: StreamConnectionDelegate {
    let stream: StreamConnection
    private let behaviour: FakeServer.Behaviour
    private var parser: HTTPRequestParser? = HTTPRequestParser()
    private var machine = WebSocketMachine(role: .server)
    /// What the behaviour has kept back.
    var held: [[UInt8]] = []
    var isHolding = false

    static func begin(_ stream: StreamConnection, _ behaviour: @escaping FakeServer.Behaviour) {
        stream.delegate = FakePeer(stream, behaviour)
        try? stream.start()
    }

    private init(_ stream: StreamConnection, _ behaviour: @escaping FakeServer.Behaviour) {
        self.stream = stream
        self.behaviour = behaviour
    }

    /// One server frame.
    func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        let header = FrameHeader(
            isFinal: isFinal,
            opcode: opcode,
            mask: nil,
            payloadCount: payload.count
        )
        _ = stream.write(header.bytes, rest: payload, below: .max)
    }

    func received(_ bytes: Span<UInt8>) {
        guard var parser else { return read(bytes) }
        parser.append(bytes)
        guard case .head(let head)? = try? parser.next() else { return }
        self.parser = nil
        var answer: [UInt8] = []
        try? WebSocketUpgrade.validate(head).write(to: &answer)
        stream.write(answer)
    }

    private func read(_ bytes: Span<UInt8>) {
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        machine.receive(bytes, output: &output, events: &events)
        stream.write(output.take())
        for event in events { behaviour(self, event) }
        if machine.isClosed { stream.close() }
    }

    func peerEnded() { stream.close() }

    func outputDrained() {}

    func ended(_ end: StreamEnd) {}
}
