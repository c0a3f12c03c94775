import Glibc

/// A word to the process that watches over this one.
extension SystemCall {
    /// The longest path of a local socket, with the zero behind it.
    package static let localPathBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    /// Sends one datagram to a local socket; a name that begins with `@` is none of the file system.
    ///
    /// It waits while the other side has no room: never call it on an event loop.
    package static func notify(_ path: String, _ message: [UInt8]) throws(SocketError) {
        let isAbstract = path.utf8.first == UInt8(ascii: "@")
        let name = isAbstract ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
        guard name.count < localPathBytesMax else {
            throw SocketError(operation: "notify \(path)", code: ENAMETOOLONG)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        // A name of the file system ends with a zero, which is there; the others have no end but this.
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(start + name.count + (isAbstract ? 0 : 1))
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let number = try run("socket") { Int(Glibc.socket(AF_UNIX, type, 0)) }
        let socket = FileDescriptor(owning: Int32(number))
        try run("notify \(path)") {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                    let flags = Int32(MSG_NOSIGNAL)
                    return unsafe message.withUnsafeBytes { bytes in
                        unsafe sendto(
                            socket.number,
                            bytes.baseAddress,
                            bytes.count,
                            flags,
                            rebound,
                            length
                        )
                    }
                }
            }
        }
    }
}
