import Primitives

/// Which machine a datagram is for.
enum DatagramChannel {
    case membership
    case ownership
    case inquiry
}

/// A datagram, with what its envelope proves of its sender.
struct Datagram {
    let channel: DatagramChannel
    let bytes: [UInt8]
    let sender: NodeID
    let incarnation: Incarnation
    let address: SocketAddress
}

/// An attempt to make a connection for a lane.
struct Dial {
    let source: Int
    let process: UInt64
    let target: Int
    let lane: Int
}

/// A process at one end of a connection.
struct ConnectionEnd: Equatable {
    let node: Int
    let process: UInt64
}

/// One TCP connection: side 0 has dialled.
struct VirtualConnection {
    enum Piece {
        case bytes([UInt8])
        case end
    }

    let dial: Dial
    /// Nil once that end is closed.
    var ends: [ConnectionEnd?]
    /// When the last of what is on the way to each side arrives.
    var latest: [Instant] = [.zero, .zero]
    /// On the way to each side, in order.
    var arriving: [[Piece]] = [[], []]
    /// Sent by each side and not acknowledged, because the way is cut.
    var held: [[[UInt8]]] = [[], []]
    var heldSince: [Instant] = [.zero, .zero]
}

// MARK: - Datagrams

extension ClusterSimulation {
    func send(_ datagram: Datagram, from source: Int, to address: SocketAddress) {
        guard let target = numbers[address] else { return }
        findings.datagramCount += 1
        let arrivals = network.datagramArrivals(from: source, to: target, at: now)
        if let first = arrivals.first { clock.schedule(.datagram(datagram, to: target), at: first) }
        if let second = arrivals.second {
            clock.schedule(.datagram(datagram, to: target), at: second)
        }
    }
}

// MARK: - Making connections

extension ClusterSimulation {
    private static let connectTimeout = Duration.seconds(2)
    private static let handshakeTimeout = Duration.seconds(3)

    func dial(_ dial: Dial) {
        if let arrival = handshakeArrival(dial), now.duration(to: arrival) < Self.connectTimeout {
            clock.schedule(.accept(dial), at: arrival)
        } else {
            fail(dial, after: Self.connectTimeout)
        }
    }

    /// The handshakes of TCP and of the link, all but the last message of it; nil when the way is
    /// cut.
    private func handshakeArrival(_ dial: Dial) -> Instant? {
        var arrival = now
        for leg in 0..<4 {
            let (source, target) =
                leg.isMultiple(of: 2) ? (dial.source, dial.target) : (dial.target, dial.source)
            guard let next = network.segmentArrival(from: source, to: target, at: arrival) else {
                return nil
            }
            arrival = next
        }
        return arrival
    }

    private func fail(_ dial: Dial, after delay: Duration) {
        clock.schedule(.dialFailed(dial), at: now.advanced(by: delay))
    }

    func dialler(of dial: Dial) -> SimulatedProcess? { process(dial.source, dial.process) }

    func accept(_ dial: Dial) {
        guard let dialler = dialler(of: dial) else { return }
        guard let target = nodes[dial.target].process else {
            return fail(dial, after: .milliseconds(1))
        }
        guard target.isNamed else {
            // Its kernel keeps the connection until it accepts.
            return clock.schedule(.accept(dial), at: now.advanced(by: .milliseconds(20)))
        }
        let thaw = nodes[dial.target].frozenUntil
        guard thaw <= now else {
            let isTooLong = now.duration(to: thaw) > Self.handshakeTimeout
            return isTooLong
                ? fail(dial, after: Self.handshakeTimeout) : clock.schedule(.accept(dial), at: thaw)
        }
        lastConnection += 1
        let ends = [
            ConnectionEnd(node: dial.source, process: dial.process),
            ConnectionEnd(node: dial.target, process: target.number),
        ]
        connections[lastConnection] = VirtualConnection(dial: dial, ends: ends)
        let number = lastConnection
        // The end of the handshake comes before anything else that this side sends.
        if let arrival = arrival(on: number, from: 1) {
            clock.schedule(.established(number), at: arrival)
            if target.adopt(number, lane: dial.lane, from: dialler.hello, isDialler: false) {
                return
            }
        }
        connections[number] = nil
        fail(dial, after: .milliseconds(1))
    }

    /// The end of the handshake has come to the side that dialled.
    func establish(_ number: Int) {
        guard let connection = connections[number], let dialler = dialler(of: connection.dial)
        else { return }
        if let peer = connection.ends[1], let target = process(peer.node, peer.process),
            dialler.adopt(number, lane: connection.dial.lane, from: target.hello, isDialler: true)
        {
            return
        }
        close(number, side: 0)
        dialler.dialFailed(connection.dial)
    }
}

// MARK: - Bytes

extension ClusterSimulation {
    private static let retransmitInterval = Duration.milliseconds(200)

    func send(_ bytes: [UInt8], on number: Int, from side: Int) {
        guard let connection = connections[number] else { return }
        guard connection.held[side].isEmpty else {
            connections[number]?.held[side].append(bytes)
            return
        }
        guard !deliver(bytes, on: number, from: side) else { return }
        connections[number]?.held[side].append(bytes)
        connections[number]?.heldSince[side] = now
        scheduleRetransmission(number, side)
    }

    /// When what a side sends now comes to the other side, behind all that it has sent before; nil
    /// when the way is cut.
    private func arrival(on number: Int, from side: Int) -> Instant? {
        guard let connection = connections[number],
            let (source, target) = ways(of: number, from: side),
            let arrival = network.segmentArrival(from: source, to: target, at: now)
        else { return nil }
        let ordered = max(arrival, connection.latest[1 - side])
        connections[number]?.latest[1 - side] = ordered
        return ordered
    }

    /// False when the way is cut.
    private func deliver(_ bytes: [UInt8], on number: Int, from side: Int) -> Bool {
        guard ways(of: number, from: side) != nil else { return true }
        for piece in pieces(of: bytes) {
            guard let arrival = arrival(on: number, from: side) else { return false }
            connections[number]?.arriving[1 - side].append(.bytes(piece))
            clock.schedule(.readable(number, side: 1 - side), at: arrival)
        }
        return true
    }

    /// Nil when nobody is at the other end.
    private func ways(of number: Int, from side: Int) -> (source: Int, target: Int)? {
        guard let connection = connections[number], let source = connection.ends[side],
            let target = connection.ends[1 - side]
        else { return nil }
        return (source.node, target.node)
    }

    /// A stream has no borders: now and then what was written at once comes in parts.
    private func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count > 1, happens(0.15) else { return [bytes] }
        let cut = Int.random(in: 1..<bytes.count, using: &generator)
        return [Array(bytes[..<cut]), Array(bytes[cut...])]
    }

    private func scheduleRetransmission(_ number: Int, _ side: Int) {
        let next = now.advanced(by: Self.retransmitInterval)
        clock.schedule(.retransmit(number, side: side), at: next)
    }

    func retransmit(_ number: Int, _ side: Int) {
        guard let connection = connections[number], let end = connection.ends[side],
            !connection.held[side].isEmpty
        else { return }
        let waited = connection.heldSince[side].duration(to: now)
        guard waited < network.conditions.linkTimeout else {
            // The kernel gives up, and tells the process as soon as it runs.
            connections[number]?.arriving[side].append(.end)
            connections[number]?.held[side] = []
            let thaw = max(now, nodes[end.node].frozenUntil)
            clock.schedule(.readable(number, side: side), at: thaw)
            return
        }
        guard let (source, target) = ways(of: number, from: side) else { return }
        let passes =
            network.passes(from: source, to: target) && network.passes(from: target, to: source)
        guard passes else { return scheduleRetransmission(number, side) }
        connections[number]?.held[side] = []
        for bytes in connection.held[side] { _ = deliver(bytes, on: number, from: side) }
    }

    /// Takes the next thing that has come to a side.
    func read(_ number: Int, _ side: Int) {
        guard let connection = connections[number], !connection.arriving[side].isEmpty else {
            return
        }
        let piece = connection.arriving[side][0]
        connections[number]?.arriving[side].removeFirst()
        guard let end = connection.ends[side], let process = process(end.node, end.process)
        else { return }
        switch piece {
        case .bytes(let bytes):
            findings.streamByteCount += bytes.count
            transcript.record(UInt64(number) << 32 | UInt64(bytes.count))
            process.received(bytes, on: number)
        case .end:
            connections[number]?.ends[side] = nil
            forget(number)
            process.lostConnection(number)
        }
    }

    /// A process closes its end, and the other side hears of it if it can.
    func close(_ number: Int, side: Int) {
        guard connections[number]?.ends[side] != nil else { return }
        let arrival = arrival(on: number, from: side)
        connections[number]?.ends[side] = nil
        connections[number]?.arriving[side] = []
        if let arrival {
            connections[number]?.arriving[1 - side].append(.end)
            clock.schedule(.readable(number, side: 1 - side), at: arrival)
        }
        forget(number)
    }

    private func forget(_ number: Int) {
        if connections[number]?.ends.allSatisfy({ $0 == nil }) == true { connections[number] = nil }
    }

    /// What becomes of the connections of a process that is gone: its kernel closes them, or with
    /// the power gone nobody does.
    func dropConnections(of number: Int, _ process: UInt64, areClosed: Bool) {
        let end = ConnectionEnd(node: number, process: process)
        for connection in connections.keys.sorted() {
            for side in 0...1 where connections[connection]?.ends[side] == end {
                // A reset overtakes what was on its way.
                if areClosed, happens(0.3) {
                    connections[connection]?.arriving[1 - side] = []
                }
                if areClosed {
                    close(connection, side: side)
                } else {
                    connections[connection]?.ends[side] = nil
                    forget(connection)
                }
            }
        }
    }
}
