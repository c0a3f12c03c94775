import CLinux
import Glibc
import Primitives

/// The system calls of this package: the only place that looks at `errno`.
///
/// Every call is repeated when a signal interrupts it. Those that may have nothing to do right now
/// answer nil (`EAGAIN`, `EWOULDBLOCK`); every other failure is thrown.
package enum SystemCall {
    /// Calls until it is not interrupted; a negative result is thrown.
    @discardableResult
    static func run(
        _ operation: @autoclosure () -> String,
        _ call: () -> Int
    ) throws(SocketError) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SocketError(operation: operation(), code: code) }
        }
    }

    /// As `run`, but nil when the call would have to wait.
    private static func attempt(
        _ operation: @autoclosure () -> String,
        _ call: () -> Int
    ) throws(SocketError) -> Int? {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return nil
            default: throw SocketError(operation: operation(), code: code)
            }
        }
    }

    // MARK: - Polling

    static func epollCreate() throws(SocketError) -> FileDescriptor {
        FileDescriptor(
            owning: Int32(try run("epoll_create1") { Int(epoll_create1(Int32(EPOLL_CLOEXEC))) })
        )
    }

    static func epollControl(
        _ epoll: Int32,
        _ operation: Int32,
        _ descriptor: Int32,
        events: UInt32,
        token: UInt64
    ) throws(SocketError) {
        var event = unsafe epoll_event()
        unsafe event.events = events
        unsafe event.data.u64 = token
        try run("epoll_ctl") { Int(unsafe epoll_ctl(epoll, operation, descriptor, &event)) }
    }

    static func epollWait(
        _ epoll: Int32,
        into events: UnsafeMutableBufferPointer<epoll_event>,
        timeoutMilliseconds: Int32
    ) throws(SocketError) -> Int {
        let result = unsafe epoll_wait(
            epoll,
            events.baseAddress,
            Int32(events.count),
            timeoutMilliseconds
        )
        if result >= 0 { return Int(result) }
        let code = errno
        if code == EINTR { return 0 }
        throw SocketError(operation: "epoll_wait", code: code)
    }

    static func eventDescriptor() throws(SocketError) -> FileDescriptor {
        let flags = Int32(EFD_CLOEXEC | EFD_NONBLOCK)
        return FileDescriptor(owning: Int32(try run("eventfd") { Int(eventfd(0, flags)) }))
    }

    /// A descriptor that becomes readable at the instant that `arm` names.
    static func timerDescriptor() throws(SocketError) -> FileDescriptor {
        let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
        let number = try run("timerfd_create") { Int(timerfd_create(CLOCK_BOOTTIME, flags)) }
        return FileDescriptor(owning: Int32(number))
    }

    /// Sets when a timer descriptor becomes readable; nil for never.
    static func arm(timer: Int32, at deadline: Instant?) {
        var setting = itimerspec()
        if let deadline {
            setting.it_value.tv_sec = Int(deadline.nanoseconds / 1_000_000_000)
            setting.it_value.tv_nsec = Int(deadline.nanoseconds % 1_000_000_000)
        }
        // Fails only for a descriptor or a time that is none.
        _ = unsafe timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    /// Adds one to an event descriptor, which wakes its poller.
    static func signal(_ event: Int32) {
        var one: UInt64 = 1
        // Full (`EAGAIN`) means that the wake is pending already.
        _ = unsafe Glibc.write(event, &one, 8)
    }

    /// Sets an event descriptor back to zero.
    static func clear(_ event: Int32) {
        var value: UInt64 = 0
        _ = unsafe Glibc.read(event, &value, 8)
    }

    // MARK: - Bytes

    /// Nil: nothing now.
    ///
    /// Zero: the peer has ended its side.
    static func read(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SocketError) -> Int? {
        try attempt("read") {
            unsafe Glibc.recv(descriptor, buffer.baseAddress, buffer.count, 0)
        }
    }

    /// Nil: no room now.
    ///
    /// `SIGPIPE` is never raised. `more` tells the kernel that it may wait for the bytes that
    /// follow to fill a packet.
    static func write(
        _ descriptor: Int32,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        more: Bool
    ) throws(SocketError) -> Int? {
        let flags = Int32(more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL)
        guard second.count > 0 else {
            return try attempt("write") {
                unsafe Glibc.send(descriptor, first.baseAddress, first.count, flags)
            }
        }
        var parts = unsafe (iovec(first), iovec(second))
        return try attempt("write") {
            unsafe withUnsafeMutableBytes(of: &parts) { parts in
                var message = unsafe msghdr()
                unsafe message.msg_iov = parts.bindMemory(to: iovec.self).baseAddress
                unsafe message.msg_iovlen = 2
                return unsafe sendmsg(descriptor, &message, flags)
            }
        }
    }

    static func receive(
        _ descriptor: Int32,
        into messages: UnsafeMutableBufferPointer<mmsghdr>
    ) throws(SocketError) -> Int? {
        try attempt("recvmmsg") {
            unsafe Int(
                recvmmsg(
                    descriptor,
                    messages.baseAddress,
                    UInt32(messages.count),
                    Int32(MSG_DONTWAIT),
                    nil
                )
            )
        }
    }

    /// How many of `messages`, from the first, were sent; nil when none can be sent now.
    static func send(
        _ descriptor: Int32,
        messages: UnsafeMutableBufferPointer<mmsghdr>
    ) throws(SocketError) -> Int? {
        try attempt("sendmmsg") {
            unsafe Int(
                sendmmsg(
                    descriptor,
                    messages.baseAddress,
                    UInt32(messages.count),
                    Int32(MSG_DONTWAIT)
                )
            )
        }
    }
}

extension iovec {
    /// Bytes that are only read.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            iov_len: bytes.count
        )
    }
}
