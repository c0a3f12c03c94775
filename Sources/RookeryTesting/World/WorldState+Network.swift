import Primitives
import Queues
import Simulation
import Transport

// What the network does with what is sent.
extension WorldState {
    func isReachable(from source: Int, to target: Int) -> Bool {
        hosts[source].isUp && hosts[target].isUp
            && network.passes(from: source, to: target)
            && network.passes(from: target, to: source)
    }

    /// When a segment that is sent now arrives; nil when it does not get through.
    mutating func arrival(from source: Int, to target: Int) -> Instant? {
        guard hosts[source].isUp, hosts[target].isUp else { return nil }
        return network.segmentArrival(from: source, to: target, at: now)
    }

    /// False when it does not get through.
    @discardableResult
    mutating func send(_ event: WorldEvent, from source: Int, to target: Int) -> Bool {
        guard let arrival = arrival(from: source, to: target) else { return false }
        clock.schedule(event, at: arrival)
        return true
    }

    // MARK: - Datagrams

    mutating func send(_ datagrams: [Datagram], by number: Int32) throws(SocketError) {
        let socket = try socket(number, "sendmmsg")
        guard let sender = socket.local else { return }
        for datagram in datagrams {
            guard let target = hostsByAddress[datagram.address.ip], hosts[target].isUp else {
                continue
            }
            let event = WorldEvent.datagram(datagram.bytes, from: sender, to: datagram.address)
            let arrivals = network.datagramArrivals(from: socket.host, to: target, at: now)
            if let first = arrivals.first { clock.schedule(event, at: first) }
            if let second = arrivals.second { clock.schedule(event, at: second) }
        }
    }

    mutating func arrived(
        _ bytes: [UInt8],
        _ sender: SocketAddress,
        at address: SocketAddress
    ) {
        let endpoint = Endpoint(isStream: false, address: address)
        guard let number = bound[endpoint], let socket = sockets[number] else { return }
        trace.note(.datagram, at: now, Int(number))
        trace.note(bytes)
        guard socket.datagrams.count < VirtualSocket.datagramsMax else { return }
        socket.datagrams.append(Datagram(bytes: bytes, address: sender))
        mark(socket)
    }

    mutating func receive(
        _ number: Int32,
        atMost count: Int
    ) throws(SocketError) -> [Datagram] {
        let socket = try socket(number, "recvmmsg")
        var datagrams: [Datagram] = []
        while datagrams.count < count, let next = socket.datagrams.popFirst() {
            datagrams.append(next)
        }
        return datagrams
    }
}
