import Glibc
import Primitives
import Queues
import Simulation
import Transport

/// All that there is in a world, under one lock: its time, its network, its machines.
///
/// What happens follows from the seed and from what the test does, and from nothing else.
struct WorldState {
    /// When every world begins.
    static let beginning = Instant(nanoseconds: 1_000_000_000_000)
    /// How long a loop takes to come to its turn once it has something to do, in nanoseconds: drawn
    /// anew each time, so that seeds differ in who comes first.
    static let reaction: Range<Int64> = 1_000..<11_000

    /// How long a piece of work off the loops takes, in nanoseconds: that of a quick disk.
    static let workTime: Range<Int64> = 50_000..<500_000

    var clock = VirtualClock<WorldEvent>(now: beginning)
    var network: VirtualNetwork
    var generator: SplitMix64
    var trace = RunTrace()
    var hosts: [Host] = []
    var hostsByAddress: [SocketAddress.IP: Int] = [:]
    var loops: [Loop] = []
    var workers: [Worker] = []
    var sockets: [Int32: VirtualSocket] = [:]
    var bound: [Endpoint: Int32] = [:]
    private var lastNumber: Int32 = 0

    /// One machine.
    struct Host {
        let ip: SocketAddress.IP
        let name: String
        var entropy: SplitMix64
        /// Which process of the machine this is; those before it are gone.
        var run = 0
        /// False for a machine without power.
        var isUp = true
        /// Its process gets no turns.
        var isPaused = false
        var lastPort: UInt16 = 32_767
    }

    /// Where a socket is bound.
    struct Endpoint: Hashable {
        let isStream: Bool
        let address: SocketAddress
    }

    init(seed: UInt64) {
        generator = SplitMix64(seed: SplitMix64.mix(seed))
        network = VirtualNetwork(conditions: NetworkConditions(), seed: generator.next())
    }

    var now: Instant { clock.now }

    mutating func addHost(_ name: String, at ip: SocketAddress.IP) -> Int {
        hosts.append(Host(ip: ip, name: name, entropy: SplitMix64(seed: generator.next())))
        hostsByAddress[ip] = hosts.count - 1
        return hosts.count - 1
    }

    mutating func nextNumber() -> Int32 {
        lastNumber += 1
        return lastNumber
    }

    /// Lets `event` change what it changes; turns and work are the world's to do.
    mutating func take(_ event: WorldEvent) {
        switch event {
        case .turn, .work: break
        case .dial(let number): dial(number)
        case .dialled(let number): dialled(number)
        case .answered(let number, let other): answered(number, by: other)
        case .segment(let segment, let sender, let number): arrived(segment, sender, at: number)
        case .retry(let number): retry(number)
        case .reset(let number): reset(number)
        case .room(let number): if let socket = sockets[number] { mark(socket) }
        case .datagram(let bytes, let sender, let address): arrived(bytes, sender, at: address)
        }
    }
}

// MARK: - Sockets of any kind

extension WorldState {
    mutating func open(_ kind: SocketKind, on host: Int) -> Int32 {
        let socket = VirtualSocket(number: nextNumber(), host: host, kind: kind)
        sockets[socket.number] = socket
        return socket.number
    }

    func socket(_ number: Int32, _ operation: String) throws(SocketError) -> VirtualSocket {
        guard let socket = sockets[number], socket.stream?.isOrphan != true else {
            throw SocketError(operation: operation, code: EBADF)
        }
        return socket
    }

    mutating func bind(_ number: Int32, to address: SocketAddress) throws(SocketError) {
        let socket = try socket(number, "bind \(address)")
        var address = address
        if address.port == 0 { address = address.with(port: nextPort(of: socket.host)) }
        let endpoint = Endpoint(isStream: socket.kind == .stream, address: address)
        guard hosts[socket.host].ip == address.ip else {
            throw SocketError(operation: "bind \(address)", code: EADDRNOTAVAIL)
        }
        guard bound[endpoint] == nil else {
            throw SocketError(operation: "bind \(address)", code: EADDRINUSE)
        }
        bound[endpoint] = number
        socket.local = address
    }

    mutating func nextPort(of host: Int) -> UInt16 {
        let last = hosts[host].lastPort
        hosts[host].lastPort = last == .max ? 32_768 : last + 1
        return hosts[host].lastPort
    }

    mutating func listen(_ number: Int32, backlog: Int32) throws(SocketError) {
        let socket = try socket(number, "listen")
        socket.backlog = Deque()
        socket.backlogMax = Int(backlog)
    }

    /// As the kernel closes a socket, for its owner or for a process that has ended.
    mutating func close(_ number: Int32) {
        guard let socket = sockets[number], socket.stream?.isOrphan != true else { return }
        sockets[number] = nil
        unbind(socket)
        while let waiting = socket.backlog?.popFirst() { close(waiting) }
        guard let stream = socket.stream, let peer = stream.peer, stream.error == 0 else { return }
        guard stream.unread == 0 else {
            send(.reset(peer), from: socket.host, to: stream.remoteHost)
            return
        }
        if !stream.isEndSent {
            stream.isEndSent = true
            transmit(.end, socket, stream)
        }
        guard !stream.stalled.isEmpty else { return }
        stream.isOrphan = true
        socket.watch = nil
        sockets[number] = socket
    }

    /// A machine without power says nothing any more.
    mutating func forget(_ number: Int32) {
        guard let socket = sockets.removeValue(forKey: number) else { return }
        unbind(socket)
        while let waiting = socket.backlog?.popFirst() { forget(waiting) }
    }

    private mutating func unbind(_ socket: VirtualSocket) {
        guard let local = socket.local else { return }
        let endpoint = Endpoint(isStream: socket.kind == .stream, address: local)
        if bound[endpoint] == socket.number { bound[endpoint] = nil }
    }

    /// The sockets of a machine, in the order of their making.
    func sockets(of host: Int) -> [Int32] {
        sockets.values.filter { $0.host == host }.map(\.number).sorted()
    }
}
