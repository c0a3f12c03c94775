package import Primitives
import Queues

/// A UDP socket on one event loop, read and written in batches.
package final class DatagramSocket {
    /// Datagrams moved by one system call.
    package static let batch = 64
    /// Longer datagrams are counted and dropped, both ways.
    package static let datagramBytesMax = 2_048
    /// Datagrams that wait for the end of the turn; one too many is dropped, as the network would.
    package static let queueMax = 1_024

    /// The address in use, with the port that the kernel chose where 0 was asked for.
    package let address: SocketAddress
    /// Datagrams that were dropped here, by reason.
    package private(set) var tally = Tally()
    private let descriptor: FileDescriptor
    private let loop: EventLoop
    private let received: (Span<UInt8>, SocketAddress) -> Void
    private let buffers = DatagramBuffers(count: batch, bytes: datagramBytesMax)
    private let outgoing = DatagramBuffers(count: batch, bytes: datagramBytesMax)
    private var registration: Registration?
    private var queue = BoundedQueue<(bytes: [UInt8], address: SocketAddress)>(capacity: queueMax)
    private var isMarked = false

    /// Binds; `start` begins to read.
    ///
    /// `received` gets each datagram, lent for the call.
    package init(
        on address: SocketAddress,
        loop: EventLoop,
        received: @escaping (Span<UInt8>, SocketAddress) -> Void
    ) throws(SocketError) {
        descriptor = try loop.system.socket(.datagram, for: address)
        try loop.system.bind(descriptor.number, to: address)
        self.address = try loop.system.localAddress(descriptor.number) ?? address
        self.loop = loop
        self.received = received
    }

    /// Begins to receive.
    package func start() throws(SocketError) {
        registration = try loop.register(descriptor.number, for: .readable, handler: self)
    }

    /// Receives no more.
    package func stop() {
        if let registration { loop.deregister(registration, descriptor.number) }
        registration = nil
    }

    /// Queues a datagram; it leaves at the end of the loop's turn, or is lost as UDP may.
    package func send(_ bytes: [UInt8], to address: SocketAddress) {
        guard bytes.count <= Self.datagramBytesMax else {
            tally.count("datagram_too_long_to_send")
            return
        }
        guard queue.append((bytes, address)) else {
            tally.count("datagram_queue_full")
            return
        }
        guard !isMarked else { return }
        isMarked = true
        loop.flushAtTurnEnd(self)
    }
}

extension DatagramSocket: EventHandler {
    package func ready(_ events: ReadyEvents) {
        let count: Int?
        do {
            count = try loop.system.receive(descriptor.number, into: buffers)
        } catch {
            // An earlier datagram met a closed port (ICMP): UDP reports it here, and it is past.
            tally.count("datagram_unreachable")
            return
        }
        // Whoever takes a datagram may stop the socket.
        for index in 0..<(count ?? 0) where registration != nil {
            switch buffers.datagram(at: index) {
            case .whole(let length, let sender):
                unsafe received(buffers.bytes(at: index, count: length).span, sender)
            case .cut: tally.count("datagram_too_long")
            case .unknownSender: tally.count("datagram_unknown_family")
            }
        }
    }
}

extension DatagramSocket: TurnEndFlushing {
    package func flush() {
        isMarked = false
        while !queue.isEmpty {
            var staged = 0
            while staged < Self.batch, let next = queue.popFirst() {
                outgoing.stage(next.bytes, to: next.address, at: staged)
                staged += 1
            }
            sendStaged(staged)
        }
    }

    /// What the kernel has no room for is lost, as UDP may; one bad route loses one datagram only.
    private func sendStaged(_ count: Int) {
        var next = 0
        while next < count {
            do {
                let range = next..<count
                guard let sent = try loop.system.send(descriptor.number, outgoing, in: range)
                else {
                    tally.count("datagram_no_room", by: UInt64(count - next))
                    return
                }
                next += sent
            } catch {
                tally.count("datagram_not_sent")
                next += 1
            }
        }
    }
}
