import Glibc
package import Primitives

/// Host names to addresses, by the resolver of the C library.
package enum NameResolver {
    /// Every address that `host` has now; empty when it has none or the resolver fails.
    ///
    /// An address in digits comes back as itself. It blocks: keep it off the event loops.
    package static func addresses(of host: String, port: UInt16) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = unsafe entry.pointee.ai_next
            guard let pointer = unsafe entry.pointee.ai_addr else { continue }
            let storage = unsafe SocketAddressStorage(
                copying: pointer,
                length: entry.pointee.ai_addrlen
            )
            if let address = storage.address { addresses.append(address.with(port: port)) }
        }
        return addresses
    }
}
