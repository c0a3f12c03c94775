package import Primitives

/// A listening TCP socket on one event loop.
///
/// When the process has no descriptor left, it pauses instead of spinning: the kernel's queue holds
/// the clients for the moment, and accepting goes on a little later.
package final class Listener {
    /// Connections taken per turn, so that a storm of them does not starve those that are there.
    package static let acceptsPerTurnMax = 64
    package static let exhaustionPause = Duration.milliseconds(100)
    package static let backlog: Int32 = 4_096

    /// The address in use, with the port that the kernel chose where 0 was asked for.
    package let address: SocketAddress
    private let descriptor: FileDescriptor
    private let loop: EventLoop
    private let accepted: (consuming FileDescriptor, SocketAddress?) -> Void
    private let exhausted: () -> Void
    private var registration: Registration?

    /// Binds and listens; `start` begins to accept.
    ///
    /// `accepted` gets each new connection, `exhausted` is told of each pause.
    package init(
        on address: SocketAddress,
        loop: EventLoop,
        exhausted: @escaping () -> Void = {},
        accepted: @escaping (consuming FileDescriptor, SocketAddress?) -> Void
    ) throws(SocketError) {
        let system = loop.system
        descriptor = try system.socket(.stream, for: address)
        try system.set(.reuseAddress, on: descriptor.number)
        try system.bind(descriptor.number, to: address)
        // Linux gives it to what is accepted, which saves a call for each.
        try system.set(.noDelay, on: descriptor.number)
        try system.listen(descriptor.number, backlog: Self.backlog)
        self.address = try system.localAddress(descriptor.number) ?? address
        self.loop = loop
        self.accepted = accepted
        self.exhausted = exhausted
    }

    var number: Int32 { descriptor.number }

    /// Begins to accept.
    package func start() throws(SocketError) {
        registration = try loop.register(descriptor.number, for: .readable, handler: self)
    }

    /// Accepts no more.
    ///
    /// What is accepted already goes on.
    ///
    /// The port is free once the listener itself is let go; until then the kernel queues clients.
    package func stop() {
        if let registration { loop.deregister(registration, descriptor.number) }
        registration = nil
    }

    private func pause() {
        guard let registration else { return }
        loop.change(registration, descriptor.number, to: [])
        loop.schedule(after: Self.exhaustionPause) { [weak self] in
            guard let self, let registration = self.registration else { return }
            loop.change(registration, descriptor.number, to: .readable)
        }
        // Last, since it may stop the listener.
        exhausted()
    }
}

extension Listener: EventHandler {
    package func ready(_ events: ReadyEvents) {
        for _ in 0..<Self.acceptsPerTurnMax {
            guard registration != nil else { return }
            do {
                guard let next = try loop.system.accept(descriptor.number) else { return }
                accepted(FileDescriptor(owning: next.number, of: loop.system), next.peer)
            } catch {
                // Other errors belong to one client that is gone already; a pause hurts nobody.
                pause()
                return
            }
        }
    }
}
