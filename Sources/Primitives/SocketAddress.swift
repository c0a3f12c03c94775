/// An IP address and a port.
///
/// Says where something is, never who it is.
public struct SocketAddress: Hashable, Sendable {
    /// The address without the port, in host byte order.
    public enum IP: Hashable, Sendable {
        case v4(UInt32)
        /// The high and the low 64 bits.
        case v6(UInt64, UInt64)
    }

    public let ip: IP
    public let port: UInt16

    public init(ip: IP, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// 127.0.0.1 with this port.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(ip: .v4(0x7F00_0001), port: port)
    }

    public func with(port: UInt16) -> SocketAddress { SocketAddress(ip: ip, port: port) }

    /// True for 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        switch ip {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// True for 0.0.0.0 and ::, which mean "every interface" to listen on, and no peer.
    public var isUnspecified: Bool {
        switch ip {
        case .v4(let value): value == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }
}

extension SocketAddress {
    /// Writes 0x04 or 0x06, the address, and the port.
    package func encode(to writer: inout ByteWriter) {
        switch ip {
        case .v4(let value):
            writer.write(UInt8(4))
            writer.write(value)
        case .v6(let high, let low):
            writer.write(UInt8(6))
            writer.write(high)
            writer.write(low)
        }
        writer.write(port)
    }

    package init(from reader: inout ByteReader) throws(ByteError) {
        switch try reader.uint8() {
        case 4: ip = .v4(try reader.uint32())
        case 6:
            let high = try reader.uint64()
            ip = .v6(high, try reader.uint64())
        default: throw .invalidValue
        }
        port = try reader.uint16()
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:7001` or `[::1]:7001`, as the configuration writes it (RFC 5952 for the text).
    public var description: String {
        switch ip {
        case .v4(let value):
            let octets = [24, 16, 8, 0].map { String((value >> UInt32($0)) & 255) }
            return octets.joined(separator: ".") + ":\(port)"
        case .v6(let high, let low):
            return "[\(Self.text(high, low))]:\(port)"
        }
    }

    /// The longest run of two or more zero groups becomes `::`.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let groups = [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
        var best = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func hex(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return hex(0..<8) }
        return hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }
}
