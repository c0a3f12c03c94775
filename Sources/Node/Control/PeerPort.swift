import Primitives
import Transport

/// The one port by which peers reach a node: gossip over UDP and links over TCP.
final class PeerPort {
    /// How often another port is tried when the kernel's choice for TCP is taken for UDP.
    static let attemptsMax = 16

    let address: SocketAddress
    let socket: DatagramSocket
    let listener: Listener
    /// Gets each datagram.
    var received: ((Span<UInt8>, SocketAddress) -> Void)? {
        get { sink.received }
        set { sink.received = newValue }
    }
    /// Gets each connection.
    var accepted: ((consuming FileDescriptor, SocketAddress?) -> Void)? {
        get { sink.accepted }
        set { sink.accepted = newValue }
    }
    private let sink: Sink

    /// Where what arrives goes: the sockets exist before those who take it.
    private final class Sink {
        var received: ((Span<UInt8>, SocketAddress) -> Void)?
        var accepted: ((consuming FileDescriptor, SocketAddress?) -> Void)?
    }

    private init(socket: DatagramSocket, listener: Listener, sink: Sink) {
        self.socket = socket
        self.listener = listener
        self.sink = sink
        address = listener.address
    }

    static func bind(_ address: SocketAddress, loop: EventLoop) throws(SocketError) -> PeerPort {
        var attempt = 1
        while true {
            let sink = Sink()
            let listener = try Listener(on: address, loop: loop) { sink.accepted?($0, $1) }
            do {
                let socket = try DatagramSocket(on: listener.address, loop: loop) {
                    sink.received?($0, $1)
                }
                return PeerPort(socket: socket, listener: listener, sink: sink)
            } catch {
                guard address.port == 0, attempt < attemptsMax else { throw error }
                attempt += 1
            }
        }
    }
}
