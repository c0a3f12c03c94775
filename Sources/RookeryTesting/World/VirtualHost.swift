import Primitives
import Transport

/// One machine of a world, for the event loops and sockets that run on it.
final class VirtualHost: System {
    let world: VirtualWorld
    let index: Int
    let ip: SocketAddress.IP

    init(_ world: VirtualWorld, _ index: Int, at ip: SocketAddress.IP) {
        self.world = world
        self.index = index
        self.ip = ip
    }

    private var state: WorldLock { world.state }

    var now: Instant { world.now }

    var wallTime: Duration {
        VirtualWorld.wallTimeAtBeginning + WorldState.beginning.duration(to: now)
    }

    func randomBits() -> UInt64 {
        state.withLock { $0.hosts[index].entropy.next() }
    }

    // MARK: - Loops

    func makePoller() -> any Poller {
        VirtualPoller(world, state.withLock { $0.addLoop(on: index) })
    }

    func run(_ loop: EventLoop) {
        guard let poller = loop.poller as? VirtualPoller else { return }
        state.withLock { state in
            state.loops[poller.loop].loop = loop
            state.wake(poller.loop)
        }
    }

    func makeBlockingWorker(_ label: String) -> BlockingWorker {
        let worker = state.withLock { $0.addWorker(on: index) }
        return { [world] work in world.state.withLock { $0.hand(work, to: worker) } }
    }

    /// A machine is found by its name, and by its address in digits.
    func addresses(of host: String, port: UInt16) -> [SocketAddress] {
        if let address = SocketAddress("\(host):\(port)") { return [address] }
        return state.withLock { state in
            state.hosts.filter { $0.name == host }.map { SocketAddress(ip: $0.ip, port: port) }
        }
    }

    // MARK: - Sockets

    func socket(
        _ kind: SocketKind,
        for address: SocketAddress
    ) throws(SocketError) -> FileDescriptor {
        FileDescriptor(owning: state.withLock { $0.open(kind, on: index) }, of: self)
    }

    func close(_ descriptor: Int32) { state.withLock { $0.close(descriptor) } }

    func set(_ option: SocketOption, on descriptor: Int32) throws(SocketError) {
        switch option {
        case .noDelay, .reuseAddress, .notSentLowWater: break
        case .userTimeout(let time):
            state.withLock { $0.sockets[descriptor]?.stream?.userTimeout = time }
        }
    }

    func bind(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        try state.withLock { state throws(SocketError) in try state.bind(descriptor, to: address) }
    }

    func localAddress(_ descriptor: Int32) -> SocketAddress? {
        state.withLock { $0.sockets[descriptor]?.local }
    }

    func listen(_ descriptor: Int32, backlog: Int32) throws(SocketError) {
        try state.withLock { state throws(SocketError) in
            try state.listen(descriptor, backlog: backlog)
        }
    }

    func accept(
        _ descriptor: Int32
    ) throws(SocketError) -> (number: Int32, peer: SocketAddress?)? {
        try state.withLock { state throws(SocketError) in try state.accept(descriptor) }
    }

    func connect(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        try state.withLock { state throws(SocketError) in
            try state.connect(descriptor, to: address)
        }
    }

    func pendingError(_ descriptor: Int32) -> Int32 {
        state.withLock { $0.pendingError(descriptor) }
    }

    func read(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SocketError) -> Int? {
        let room = buffer.count
        let read = try state.withLock { state throws(SocketError) in
            try state.read(descriptor, atMost: room)
        }
        guard let read else { return nil }
        unsafe buffer.copyBytes(from: read)
        return read.count
    }

    func write(
        _ descriptor: Int32,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        more: Bool
    ) throws(SocketError) -> Int? {
        var taken = unsafe Array(first.prefix(VirtualStream.capacity))
        unsafe taken += second.prefix(VirtualStream.capacity - taken.count)
        let isAll = taken.count == first.count + second.count
        return try state.withLock { state throws(SocketError) in
            try state.write(descriptor, taken, isAll: isAll)
        }
    }

    func unacknowledgedBytes(_ descriptor: Int32) -> Int {
        state.withLock { $0.unacknowledgedBytes(descriptor) }
    }

    func endSending(_ descriptor: Int32) { state.withLock { $0.endSending(descriptor) } }

    func receive(
        _ descriptor: Int32,
        into buffers: DatagramBuffers
    ) throws(SocketError) -> Int? {
        let room = buffers.count
        let datagrams = try state.withLock { state throws(SocketError) in
            try state.receive(descriptor, atMost: room)
        }
        for (index, datagram) in datagrams.enumerated() {
            buffers.deliver(datagram.bytes, from: datagram.address, at: index)
        }
        return datagrams.isEmpty ? nil : datagrams.count
    }

    func send(
        _ descriptor: Int32,
        _ buffers: DatagramBuffers,
        in range: Range<Int>
    ) throws(SocketError) -> Int? {
        let datagrams = range.compactMap { index in
            buffers.staged(at: index).map { Datagram(bytes: $0.bytes, address: $0.address) }
        }
        try state.withLock { state throws(SocketError) in
            try state.send(datagrams, by: descriptor)
        }
        return range.count
    }
}
