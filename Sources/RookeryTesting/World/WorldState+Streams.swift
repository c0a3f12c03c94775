import Glibc
import Primitives
import Queues
import Simulation
import Transport

// Streams: how they come about, carry bytes and end.
extension WorldState {
    /// How long a machine waits before it asks again for a connection.
    static let redial = Duration.seconds(1)
    /// The longest time between two attempts to send what has waited.
    static let retransmissionMax = Duration.milliseconds(800)

    // MARK: - Connecting

    mutating func connect(_ number: Int32, to address: SocketAddress) throws(SocketError) {
        let socket = try socket(number, "connect \(address)")
        guard let host = hostsByAddress[address.ip] else {
            throw SocketError(operation: "connect \(address)", code: EHOSTUNREACH)
        }
        if socket.local == nil {
            let port = nextPort(of: socket.host)
            socket.local = SocketAddress(ip: hosts[socket.host].ip, port: port)
        }
        socket.stream = VirtualStream(to: address, on: host)
        dial(number)
    }

    mutating func dial(_ number: Int32) {
        guard let socket = sockets[number], let stream = socket.stream, stream.peer == nil else {
            return
        }
        if !send(.dialled(number), from: socket.host, to: stream.remoteHost) {
            clock.schedule(.dial(number), at: now.advanced(by: Self.redial))
        }
    }

    mutating func dialled(_ number: Int32) {
        guard let socket = sockets[number], let stream = socket.stream, let local = socket.local
        else { return }
        let endpoint = Endpoint(isStream: true, address: stream.remote)
        guard let listening = bound[endpoint], let listener = sockets[listening],
            let waiting = listener.backlog?.count
        else { return answer(number, with: nil, from: stream.remoteHost, to: socket.host) }
        guard waiting < listener.backlogMax else {
            clock.schedule(.dial(number), at: now.advanced(by: Self.redial))
            return
        }
        let accepted = VirtualSocket(number: nextNumber(), host: listener.host, kind: .stream)
        accepted.stream = VirtualStream(to: local, on: socket.host, peer: number)
        sockets[accepted.number] = accepted
        listener.backlog?.append(accepted.number)
        mark(listener)
        answer(number, with: accepted.number, from: listener.host, to: socket.host)
    }

    private mutating func answer(_ number: Int32, with other: Int32?, from: Int, to: Int) {
        let event = WorldEvent.answered(number, by: other)
        guard let arrival = arrival(from: from, to: to) else {
            clock.schedule(event, at: now.advanced(by: Self.redial))
            return
        }
        // What the other end says at once comes behind its answer.
        if let other { sockets[other]?.stream?.latestArrival = arrival }
        clock.schedule(event, at: arrival)
    }

    mutating func answered(_ number: Int32, by other: Int32?) {
        trace.note(.connection, at: now, Int(number), Int(other ?? 0))
        guard let socket = sockets[number], let stream = socket.stream else {
            if let other { reset(other) }
            return
        }
        stream.peer = other
        if other == nil { stream.error = ECONNREFUSED }
        mark(socket)
    }

    mutating func accept(
        _ number: Int32
    ) throws(SocketError) -> (number: Int32, peer: SocketAddress?)? {
        let listener = try socket(number, "accept")
        guard let next = listener.backlog?.popFirst() else { return nil }
        return (next, sockets[next]?.stream?.remote)
    }

    // MARK: - Sending

    mutating func write(
        _ number: Int32,
        _ bytes: [UInt8],
        isAll: Bool
    ) throws(SocketError) -> Int? {
        let socket = try socket(number, "write")
        guard let stream = socket.stream, stream.peer != nil else {
            throw SocketError(operation: "write", code: ENOTCONN)
        }
        guard stream.error == 0 else { throw SocketError(operation: "write", code: stream.error) }
        guard !stream.isEndSent else { throw SocketError(operation: "write", code: EPIPE) }
        let count = min(stream.room, bytes.count)
        if count < bytes.count || !isAll { stream.wantsRoom = true }
        guard count > 0 else { return nil }
        stream.outstanding += count
        let taken = count == bytes.count ? bytes : Array(bytes[..<count])
        transmit(.bytes(taken), socket, stream)
        return count
    }

    mutating func endSending(_ number: Int32) {
        guard let socket = sockets[number], let stream = socket.stream, !stream.isEndSent else {
            return
        }
        stream.isEndSent = true
        transmit(.end, socket, stream)
    }

    mutating func transmit(
        _ segment: VirtualStream.Segment,
        _ socket: VirtualSocket,
        _ stream: VirtualStream
    ) {
        guard let peer = stream.peer else { return }
        guard stream.stalled.isEmpty,
            let arrival = arrival(from: socket.host, to: stream.remoteHost)
        else { return stall(segment, socket, stream) }
        stream.latestArrival = max(arrival, stream.latestArrival)
        let event = WorldEvent.segment(segment, from: socket.number, to: peer)
        clock.schedule(event, at: stream.latestArrival)
    }

    private mutating func stall(
        _ segment: VirtualStream.Segment,
        _ socket: VirtualSocket,
        _ stream: VirtualStream
    ) {
        if stream.stalled.isEmpty {
            stream.stalledSince = now
            stream.retransmission = network.conditions.retransmission
            let next = now.advanced(by: stream.retransmission)
            clock.schedule(.retry(socket.number), at: next)
        }
        stream.stalled.append(segment)
    }

    mutating func retry(_ number: Int32) {
        guard let socket = sockets[number], let stream = socket.stream, !stream.stalled.isEmpty
        else { return }
        guard isReachable(from: socket.host, to: stream.remoteHost) else {
            guard now < stream.stalledSince.advanced(by: stream.userTimeout) else {
                return give(up: socket, stream)
            }
            stream.retransmission = min(stream.retransmission * 2, Self.retransmissionMax)
            clock.schedule(.retry(number), at: now.advanced(by: stream.retransmission))
            return
        }
        let segments = stream.stalled
        stream.stalled = []
        for segment in segments { transmit(segment, socket, stream) }
        if stream.isOrphan { sockets[number] = nil }
    }

    private mutating func give(up socket: VirtualSocket, _ stream: VirtualStream) {
        stream.stalled = []
        guard !stream.isOrphan else {
            sockets[socket.number] = nil
            return
        }
        stream.error = ETIMEDOUT
        mark(socket)
    }

    // MARK: - Receiving

    mutating func arrived(
        _ segment: VirtualStream.Segment,
        _ sender: Int32,
        at number: Int32
    ) {
        let isEnd = if case .end = segment { true } else { false }
        trace.note(isEnd ? .end : .segment, at: now, Int(sender), Int(number))
        guard let socket = sockets[number], let stream = socket.stream, !stream.isOrphan else {
            guard let from = sockets[sender], let stream = from.stream, !isEnd else { return }
            send(.reset(sender), from: stream.remoteHost, to: from.host)
            return
        }
        switch segment {
        case .bytes(let bytes):
            trace.note(bytes)
            stream.arrived(bytes)
        case .end: stream.hasEndCome = true
        }
        mark(socket)
    }

    mutating func reset(_ number: Int32) {
        trace.note(.reset, at: now, Int(number))
        guard let socket = sockets[number], let stream = socket.stream else { return }
        guard !stream.isOrphan else {
            sockets[number] = nil
            return
        }
        stream.error = ECONNRESET
        stream.stalled = []
        mark(socket)
    }

    mutating func read(
        _ number: Int32,
        atMost room: Int
    ) throws(SocketError) -> [UInt8]? {
        let socket = try socket(number, "read")
        guard let stream = socket.stream else {
            throw SocketError(operation: "read", code: ENOTCONN)
        }
        let bytes = stream.read(atMost: room)
        guard bytes.isEmpty else {
            makeRoom(bytes.count, for: stream.peer, host: socket.host)
            return bytes
        }
        if stream.error != 0 { throw SocketError(operation: "read", code: stream.error) }
        return stream.hasEndCome ? [] : nil
    }

    private mutating func makeRoom(_ count: Int, for number: Int32?, host: Int) {
        guard let number, let writer = sockets[number], let stream = writer.stream else { return }
        stream.outstanding -= count
        guard stream.wantsRoom, stream.outstanding <= VirtualStream.capacity * 2 / 3 else { return }
        stream.wantsRoom = false
        send(.room(number), from: host, to: writer.host)
    }

    /// What the peer has not read: its machine takes nothing before.
    func unacknowledgedBytes(_ number: Int32) -> Int {
        sockets[number]?.stream?.outstanding ?? 0
    }

    func pendingError(_ number: Int32) -> Int32 {
        guard let socket = sockets[number] else { return EBADF }
        return socket.stream?.error ?? 0
    }
}
