package import Primitives

/// What event loops and their sockets ask of what is beneath them: time, chance, sockets, names.
///
/// The kernel for a node that serves; a world in memory for a test. One instance is one machine:
/// descriptors are numbers of that machine. Any thread.
package protocol System: AnyObject, Sendable {
    /// The clock of leases and time-outs.
    var now: Instant { get }
    /// What people call the time, since 1970.
    var wallTime: Duration { get }
    /// 64 bits of chance, as hard to guess as the system makes them.
    func randomBits() -> UInt64

    /// What one event loop waits with.
    func makePoller() throws(SocketError) -> any Poller
    /// Runs the turns of a loop until it is stopped.
    func run(_ loop: EventLoop) throws(SocketError)
    /// A place for work that blocks, which is done there piece after piece.
    func makeBlockingWorker(_ label: String) -> BlockingWorker
    /// Every address that a host has now; empty when it has none.
    ///
    /// It blocks, so call it on a worker.
    func addresses(of host: String, port: UInt16) -> [SocketAddress]

    /// A non-blocking socket of the address's family.
    func socket(
        _ kind: SocketKind,
        for address: SocketAddress
    ) throws(SocketError) -> FileDescriptor
    /// Closes a socket of this system.
    func close(_ descriptor: Int32)
    func set(_ option: SocketOption, on descriptor: Int32) throws(SocketError)
    func bind(_ descriptor: Int32, to address: SocketAddress) throws(SocketError)
    func localAddress(_ descriptor: Int32) throws(SocketError) -> SocketAddress?

    func listen(_ descriptor: Int32, backlog: Int32) throws(SocketError)
    /// The next waiting connection, or nil when none waits.
    func accept(
        _ descriptor: Int32
    ) throws(SocketError) -> (number: Int32, peer: SocketAddress?)?
    /// Begins to connect; the descriptor becomes writable once that is done or has failed.
    func connect(_ descriptor: Int32, to address: SocketAddress) throws(SocketError)
    /// The error that a connection attempt ended with, zero for none.
    func pendingError(_ descriptor: Int32) -> Int32

    /// Nil: nothing now.
    ///
    /// Zero: the peer has ended its side.
    func read(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SocketError) -> Int?
    /// Writes `first`, and `second` behind it, which may be empty; nil: no room now.
    ///
    /// `more` says that bytes follow at once.
    func write(
        _ descriptor: Int32,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        more: Bool
    ) throws(SocketError) -> Int?
    /// Bytes that were written and have not come to the peer's machine, as far as this one knows.
    func unacknowledgedBytes(_ descriptor: Int32) -> Int
    /// Ends the sending side: the peer reads the end after what was sent.
    func endSending(_ descriptor: Int32)

    /// How many datagrams were put into `buffers`; nil when there are none now.
    func receive(_ descriptor: Int32, into buffers: DatagramBuffers) throws(SocketError) -> Int?
    /// How many of the staged datagrams in `range`, from the first, were sent; nil when none can be
    /// sent now.
    func send(
        _ descriptor: Int32,
        _ buffers: DatagramBuffers,
        in range: Range<Int>
    ) throws(SocketError) -> Int?
}

extension System {
    /// Nil for the kernel.
    ///
    /// What happens with every message asks the kernel directly: to hold on to an object that all
    /// threads share, if only for a call, is what they would wait for.
    package var unlessKernel: (any System)? { self is Kernel ? nil : self }
}

/// Hands over a piece of work, to be done after the pieces before it.
///
/// Any thread.
package typealias BlockingWorker = @Sendable (_ work: @escaping @Sendable () -> Void) -> Void

/// What a socket carries: a stream by TCP, or datagrams by UDP.
package enum SocketKind: Sendable {
    case stream
    case datagram
}

/// What can be set on a socket.
package enum SocketOption: Equatable, Sendable {
    /// Small pieces go out at once.
    case noDelay
    /// A listener takes a port that its predecessor has just left.
    case reuseAddress
    /// How long bytes may stay unacknowledged before the peer is given up.
    case userTimeout(Duration)
    /// How many bytes that are not sent yet are kept ahead of the writer.
    case notSentLowWater(Int)
}

/// Waits for the descriptors of one event loop.
///
/// Used on the loop's thread only, but for `wake`.
package protocol Poller: AnyObject {
    /// From now on `token` is reported when the descriptor is ready for any of `events`.
    func add(
        _ descriptor: Int32,
        for events: ReadyEvents,
        token: UInt64
    ) throws(SocketError)
    func change(
        _ descriptor: Int32,
        to events: ReadyEvents,
        token: UInt64
    ) throws(SocketError)
    func remove(_ descriptor: Int32)

    /// Waits until a descriptor is ready, `wake` is called or the time is over; a negative time has
    /// no end.
    ///
    /// Returns how many descriptors are ready, `EventLoop.eventsPerTurnMax` at most.
    func wait(milliseconds: Int32) -> Int
    /// One of those that the last wait has found; a token that nobody has is to be passed over.
    func ready(at position: Int) -> (token: UInt64, events: ReadyEvents)
    /// Ends the wait in progress, or the next one.
    ///
    /// Any thread.
    func wake()
}
