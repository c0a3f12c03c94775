import Primitives
import Transport

/// Sends datagrams from a port of their own.
enum TestDatagrams {
    static func send(_ datagrams: [[UInt8]], to address: SocketAddress) async throws {
        let loop = TestLoop.clients
        try await withCheckedThrowingContinuation { (sent: CheckedContinuation<Void, any Error>) in
            loop.execute { sent.resume(with: Result { try send(datagrams, to: address, loop) }) }
        }
    }

    private static func send(
        _ datagrams: [[UInt8]],
        to address: SocketAddress,
        _ loop: EventLoop
    ) throws {
        let socket = try DatagramSocket(on: .loopback(port: 0), loop: loop) { _, _ in }
        for datagram in datagrams { socket.send(datagram, to: address) }
    }
}
