import CLinux
import Glibc
import Primitives

/// The C form of a socket address.
struct SocketAddressStorage {
    private(set) var storage = sockaddr_storage()
    private(set) var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    init() {}

    init(_ storage: sockaddr_storage) { self.storage = storage }

    /// An address that some other call has made.
    init(copying pointer: UnsafePointer<sockaddr>, length: socklen_t) {
        let size = min(Int(length), MemoryLayout<sockaddr_storage>.size)
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
        }
        self.length = socklen_t(size)
    }

    init(_ address: SocketAddress) {
        switch address.ip {
        case .v4(let value):
            var inet = sockaddr_in()
            inet.sin_family = sa_family_t(AF_INET)
            inet.sin_port = address.port.bigEndian
            inet.sin_addr.s_addr = value.bigEndian
            fill(with: inet)
        case .v6(let high, let low):
            var inet = sockaddr_in6()
            inet.sin6_family = sa_family_t(AF_INET6)
            inet.sin6_port = address.port.bigEndian
            unsafe withUnsafeMutableBytes(of: &inet.sin6_addr) { bytes in
                unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            fill(with: inet)
        }
    }

    private mutating func fill<Form>(with form: Form) {
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.storeBytes(of: form, as: Form.self)
        }
        length = socklen_t(MemoryLayout<Form>.size)
    }

    /// Nil for a family that is neither IPv4 nor IPv6.
    ///
    /// IPv4 mapped into IPv6 comes out as IPv4.
    var address: SocketAddress? {
        unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let inet = unsafe bytes.load(as: sockaddr_in.self)
                return SocketAddress(
                    ip: .v4(UInt32(bigEndian: inet.sin_addr.s_addr)),
                    port: UInt16(bigEndian: inet.sin_port)
                )
            case AF_INET6:
                let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
                let port = unsafe bytes.load(as: sockaddr_in6.self).sin6_port
                let high = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let low = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                return SocketAddress.unmapping(
                    high: UInt64(bigEndian: high),
                    low: UInt64(bigEndian: low),
                    port: UInt16(bigEndian: port)
                )
            default: return nil
            }
        }
    }

    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                unsafe body(rebound, length)
            }
        }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                unsafe body(rebound, &length)
            }
        }
    }
}

extension SocketAddress {
    var family: Int32 {
        switch ip {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// An IPv4 client of a listener on `[::]` is shown as the IPv4 address that it has (RFC 4291
    /// section 2.5.5.2).
    fileprivate static func unmapping(high: UInt64, low: UInt64, port: UInt16) -> SocketAddress {
        if high == 0, low >> 32 == 0xFFFF {
            return SocketAddress(ip: .v4(UInt32(truncatingIfNeeded: low)), port: port)
        }
        return SocketAddress(ip: .v6(high, low), port: port)
    }
}
