import CLinux
import Dispatch
import Glibc
import Primitives
import Synchronization

/// The system of a node that serves: Linux.
package let kernel: any System = Kernel()

final class Kernel: System {
    private let random = Mutex(RandomStock())

    var now: Instant { BootClock.now }

    var wallTime: Duration { Self.wallTime }

    static var wallTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    func randomBits() -> UInt64 { random.withLock { $0.next() } }

    func makePoller() throws(SocketError) -> any Poller { try EpollPoller() }

    /// Starts a thread for the loop.
    func run(_ loop: EventLoop) throws(SocketError) {
        try SystemCall.startThread { loop.run() }
    }

    func makeBlockingWorker(_ label: String) -> BlockingWorker {
        let queue = DispatchQueue(label: label)
        return { work in queue.async(execute: work) }
    }

    func addresses(of host: String, port: UInt16) -> [SocketAddress] {
        NameResolver.addresses(of: host, port: port)
    }
}

// MARK: - Sockets

extension Kernel {
    func socket(
        _ kind: SocketKind,
        for address: SocketAddress
    ) throws(SocketError) -> FileDescriptor {
        try SystemCall.socket(kind, for: address)
    }

    func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    func set(_ option: SocketOption, on descriptor: Int32) throws(SocketError) {
        let tcp = Int32(IPPROTO_TCP)
        switch option {
        case .noDelay: try SystemCall.setOption(descriptor, level: tcp, TCP_NODELAY, 1)
        case .reuseAddress:
            try SystemCall.setOption(descriptor, level: SOL_SOCKET, SO_REUSEADDR, 1)
        case .userTimeout(let time):
            let value = Int32(clamping: time.milliseconds)
            try SystemCall.setOption(descriptor, level: tcp, TCP_USER_TIMEOUT, value)
        case .notSentLowWater(let bytes):
            let value = Int32(clamping: bytes)
            try SystemCall.setOption(descriptor, level: tcp, TCP_NOTSENT_LOWAT, value)
        }
    }

    func bind(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        try SystemCall.bind(descriptor, to: address)
    }

    func localAddress(_ descriptor: Int32) throws(SocketError) -> SocketAddress? {
        try SystemCall.localAddress(descriptor)
    }

    func listen(_ descriptor: Int32, backlog: Int32) throws(SocketError) {
        try SystemCall.listen(descriptor, backlog: backlog)
    }

    func accept(
        _ descriptor: Int32
    ) throws(SocketError) -> (number: Int32, peer: SocketAddress?)? {
        try SystemCall.accept(descriptor)
    }

    func connect(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        try SystemCall.connect(descriptor, to: address)
    }

    func pendingError(_ descriptor: Int32) -> Int32 { SystemCall.pendingError(descriptor) }

    func read(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SocketError) -> Int? {
        try unsafe SystemCall.read(descriptor, into: buffer)
    }

    func write(
        _ descriptor: Int32,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        more: Bool
    ) throws(SocketError) -> Int? {
        try unsafe SystemCall.write(descriptor, first, second, more: more)
    }

    func unacknowledgedBytes(_ descriptor: Int32) -> Int {
        SystemCall.unacknowledgedBytes(descriptor)
    }

    func endSending(_ descriptor: Int32) { SystemCall.endSending(descriptor) }

    func receive(
        _ descriptor: Int32,
        into buffers: DatagramBuffers
    ) throws(SocketError) -> Int? {
        try unsafe SystemCall.receive(descriptor, into: buffers.forReading())
    }

    func send(
        _ descriptor: Int32,
        _ buffers: DatagramBuffers,
        in range: Range<Int>
    ) throws(SocketError) -> Int? {
        try unsafe SystemCall.send(descriptor, messages: buffers.forSending(range))
    }
}
