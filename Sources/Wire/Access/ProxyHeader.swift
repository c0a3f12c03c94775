package import Primitives

/// What a proxy says about the client before the client's own first byte (the PROXY protocol,
/// versions 1 and 2).
package struct ProxyHeader: Equatable, Sendable {
    /// Nil where the proxy speaks for itself, as for its health checks, or does not know.
    package let client: SocketAddress?
}

/// Why the first bytes of a connection are no such header.
package enum ProxyHeaderError: Error, Equatable, Sendable {
    /// Neither of the two beginnings: no proxy has sent this.
    case missing
    /// A line of version 1 without an end where it must have one.
    case lineTooLong(limit: Int)
    case malformedLine
    /// Not version 2, or a command that does not exist.
    case unknownCommand(UInt8)
    /// A family or a transport that no TCP connection has.
    case unknownFamily(UInt8)
    case tooLong(count: Int, limit: Int)
    case truncatedAddress

    /// One word for each case, for counters.
    package var reason: StaticString {
        switch self {
        case .missing: "proxy_missing"
        case .lineTooLong, .tooLong: "proxy_too_long"
        case .malformedLine, .unknownCommand, .unknownFamily, .truncatedAddress: "proxy_malformed"
        }
    }
}

/// Reads a `ProxyHeader` from the first bytes of a connection, however they are cut.
///
/// It is told at the first byte that does not fit, and keeps no more than the longest header and
/// what has come behind it in one piece.
package struct ProxyHeaderParser: Sendable {
    /// The longest line of version 1, its end included, as the specification has it.
    package static let lineBytesMax = 107
    /// The addresses and additions of version 2; the specification allows 65,535, nobody needs them.
    package static let payloadBytesMax = 1_024

    static let lineStart = Array("PROXY ".utf8)
    static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let headBytes = 16

    private var pending: [UInt8] = []

    package init() {}

    /// Takes what has come; the header, once it is whole.
    package mutating func receive(
        _ bytes: Span<UInt8>
    ) throws(ProxyHeaderError) -> ProxyHeader? {
        pending.append(copying: bytes)
        if Self.begins(pending, with: Self.lineStart) { return try readLine() }
        guard Self.begins(pending, with: Self.signature) else { throw .missing }
        return try readBinary()
    }

    /// The bytes behind the header: the client's own.
    package mutating func takeLeftover() -> [UInt8] {
        let leftover = pending
        pending = []
        return leftover
    }

    /// True as far as both go.
    private static func begins(_ bytes: [UInt8], with start: [UInt8]) -> Bool {
        zip(bytes, start).allSatisfy { $0 == $1 }
    }
}

// MARK: - Version 1

extension ProxyHeaderParser {
    private mutating func readLine() throws(ProxyHeaderError) -> ProxyHeader? {
        let seen = pending.prefix(Self.lineBytesMax)
        guard let end = seen.firstIndex(of: UInt8(ascii: "\n")) else {
            guard pending.count < Self.lineBytesMax else {
                throw .lineTooLong(limit: Self.lineBytesMax)
            }
            return nil
        }
        guard end > 0, pending[end - 1] == UInt8(ascii: "\r"),
            let line = String(validating: pending[..<(end - 1)], as: UTF8.self)
        else { throw .malformedLine }
        let header = try Self.header(ofLine: line)
        pending.removeFirst(end + 1)
        return header
    }

    /// `PROXY TCP4 source destination port port`, or `PROXY UNKNOWN` and anything.
    private static func header(ofLine line: String) throws(ProxyHeaderError) -> ProxyHeader {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 2 else { throw .malformedLine }
        if words[1] == "UNKNOWN" { return ProxyHeader(client: nil) }
        let parse: (Substring) -> SocketAddress.IP?
        switch words[1] {
        case "TCP4": parse = SocketAddress.v4
        case "TCP6": parse = SocketAddress.v6
        default: throw .malformedLine
        }
        guard words.count == 6, let source = parse(words[2]), parse(words[3]) != nil,
            let port = port(words[4]), Self.port(words[5]) != nil
        else { throw .malformedLine }
        return ProxyHeader(client: SocketAddress(ip: source, port: port))
    }

    /// Without leading zeros, as the specification wants it.
    private static func port(_ text: Substring) -> UInt16? {
        text == "0" || !text.hasPrefix("0") ? SocketAddress.port(text) : nil
    }
}

// MARK: - Version 2

extension ProxyHeaderParser {
    private mutating func readBinary() throws(ProxyHeaderError) -> ProxyHeader? {
        let place = Self.signature.count
        if pending.count > place, pending[place] != 0x20, pending[place] != 0x21 {
            throw .unknownCommand(pending[place])
        }
        guard pending.count >= Self.headBytes else { return nil }
        let count = Int(pending[place + 2]) << 8 | Int(pending[place + 3])
        guard count <= Self.payloadBytesMax else {
            throw .tooLong(count: count, limit: Self.payloadBytesMax)
        }
        let end = Self.headBytes + count
        guard pending.count >= end else { return nil }
        let payload = pending[Self.headBytes..<end]
        // A local connection is the proxy's own, whatever else is said.
        let client = pending[place] == 0x20 ? nil : try Self.client(pending[place + 1], payload)
        pending.removeFirst(end)
        return ProxyHeader(client: client)
    }

    /// The source address; what follows the addresses is of no use here.
    private static func client(
        _ family: UInt8,
        _ payload: ArraySlice<UInt8>
    ) throws(ProxyHeaderError) -> SocketAddress? {
        var reader = ByteReader(payload)
        do throws(ByteError) {
            switch family {
            case 0x00, 0x31: return nil  // Not specified, or a socket of the proxy's machine.
            case 0x11:
                let source = SocketAddress.IP.v4(try reader.uint32())
                _ = try reader.uint32()
                let port = try reader.uint16()
                _ = try reader.uint16()
                return SocketAddress(ip: source, port: port)
            case 0x21:
                let source = SocketAddress.IP.v6(try reader.uint64(), try reader.uint64())
                _ = try reader.slice(count: 16, limit: 16)
                let port = try reader.uint16()
                _ = try reader.uint16()
                return SocketAddress(ip: source, port: port)
            default: break
            }
        } catch {
            throw .truncatedAddress
        }
        throw .unknownFamily(family)
    }
}
