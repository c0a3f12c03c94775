import CLinux
import Glibc
import Primitives

extension SystemCall {
    /// A non-blocking socket of the address's family, closed in children.
    static func socket(
        _ kind: SocketKind,
        for address: SocketAddress
    ) throws(SocketError) -> FileDescriptor {
        let type =
            switch kind {
            case .stream: Int32(SOCK_STREAM.rawValue)
            case .datagram: Int32(SOCK_DGRAM.rawValue)
            }
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = try run("socket") { Int(Glibc.socket(address.family, type | flags, 0)) }
        return FileDescriptor(owning: Int32(number))
    }

    static func setOption(
        _ descriptor: Int32,
        level: Int32,
        _ option: Int32,
        _ value: Int32
    ) throws(SocketError) {
        var value = value
        try run("setsockopt") {
            Int(
                unsafe setsockopt(
                    descriptor,
                    level,
                    option,
                    &value,
                    socklen_t(MemoryLayout<Int32>.size)
                )
            )
        }
    }

    static func option(
        _ descriptor: Int32,
        level: Int32,
        _ option: Int32
    ) throws(SocketError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try run("getsockopt") {
            Int(unsafe getsockopt(descriptor, level, option, &value, &length))
        }
        return value
    }

    static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        let storage = SocketAddressStorage(address)
        try run("bind \(address)") {
            unsafe storage.withPointer { pointer, length in
                Int(unsafe Glibc.bind(descriptor, pointer, length))
            }
        }
    }

    static func listen(_ descriptor: Int32, backlog: Int32) throws(SocketError) {
        try run("listen") { Int(Glibc.listen(descriptor, backlog)) }
    }

    /// The next waiting connection, or nil when none waits.
    static func accept(
        _ descriptor: Int32
    ) throws(SocketError) -> (number: Int32, peer: SocketAddress?)? {
        var storage = SocketAddressStorage()
        while true {
            let number = unsafe storage.withMutablePointer { pointer, length in
                unsafe accept4(
                    descriptor,
                    pointer,
                    length,
                    Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
                )
            }
            if number >= 0 { return (number, storage.address) }
            let code = errno
            switch code {
            // A client that went away while it waited is not the listener's trouble.
            case EINTR, ECONNABORTED: continue
            case EAGAIN, EWOULDBLOCK: return nil
            default: throw SocketError(operation: "accept", code: code)
            }
        }
    }

    /// Begins to connect; the descriptor becomes writable once that is done or has failed.
    static func connect(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
        let storage = SocketAddressStorage(address)
        let result = unsafe storage.withPointer { pointer, length in
            unsafe Glibc.connect(descriptor, pointer, length)
        }
        if result == 0 { return }
        let code = errno
        if code == EINPROGRESS || code == EINTR { return }
        throw SocketError(operation: "connect \(address)", code: code)
    }

    /// The error that a connection attempt ended with, zero for none.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        (try? option(descriptor, level: SOL_SOCKET, SO_ERROR)) ?? EBADF
    }

    static func localAddress(_ descriptor: Int32) throws(SocketError) -> SocketAddress? {
        var storage = SocketAddressStorage()
        try run("getsockname") {
            unsafe storage.withMutablePointer { pointer, length in
                Int(unsafe getsockname(descriptor, pointer, length))
            }
        }
        return storage.address
    }

    /// Bytes that were written and that the peer's machine has not acknowledged; zero for no socket.
    static func unacknowledgedBytes(_ descriptor: Int32) -> Int {
        var count: Int32 = 0
        guard unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return 0 }
        return Int(count)
    }

    /// Ends the sending side: the peer reads the end after what was sent.
    static func endSending(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }
}
