import CLinux

/// The kernel's way to wait for many descriptors, with an event descriptor to be woken by.
///
/// `@safe`: the memory for the events is this object's own and is freed with it.
@safe
final class EpollPoller: Poller {
    private static let wakeToken = UInt64.max

    private let epoll: FileDescriptor
    private let event: FileDescriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SocketError) {
        let epoll = try SystemCall.epollCreate()
        let event = try SystemCall.eventDescriptor()
        try SystemCall.epollControl(
            epoll.number,
            EPOLL_CTL_ADD,
            event.number,
            events: EPOLLIN.rawValue,
            token: Self.wakeToken
        )
        self.epoll = epoll
        self.event = event
        unsafe events = .allocate(capacity: EventLoop.eventsPerTurnMax)
    }

    deinit { unsafe events.deallocate() }

    func add(
        _ descriptor: Int32,
        for events: ReadyEvents,
        token: UInt64
    ) throws(SocketError) {
        try control(EPOLL_CTL_ADD, descriptor, events, token)
    }

    func change(
        _ descriptor: Int32,
        to events: ReadyEvents,
        token: UInt64
    ) throws(SocketError) {
        try control(EPOLL_CTL_MOD, descriptor, events, token)
    }

    func remove(_ descriptor: Int32) { try? control(EPOLL_CTL_DEL, descriptor, [], 0) }

    private func control(
        _ operation: Int32,
        _ descriptor: Int32,
        _ events: ReadyEvents,
        _ token: UInt64
    ) throws(SocketError) {
        try SystemCall.epollControl(
            epoll.number,
            operation,
            descriptor,
            events: events.rawValue,
            token: token
        )
    }

    func wait(milliseconds: Int32) -> Int {
        do {
            return try unsafe SystemCall.epollWait(
                epoll.number,
                into: events,
                timeoutMilliseconds: milliseconds
            )
        } catch {
            // Only a bad descriptor or address can fail here, and both are our own bug.
            preconditionFailure("waiting for descriptors: \(error)")
        }
    }

    func ready(at position: Int) -> (token: UInt64, events: ReadyEvents) {
        let ready = unsafe events[position]
        let token = unsafe ready.data.u64
        if token == Self.wakeToken { SystemCall.clear(event.number) }
        return unsafe (token, ReadyEvents(rawValue: ready.events))
    }

    func wake() { SystemCall.signal(event.number) }
}
