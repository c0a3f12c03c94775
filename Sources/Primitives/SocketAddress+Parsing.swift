extension SocketAddress {
    /// Reads `127.0.0.1:7001` or `[::1]:7001`.
    ///
    /// Nil for anything else, a host name included.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        guard let port = Self.port(text[text.index(after: colon)...]) else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let ip = Self.v6(host.dropFirst().dropLast()) else { return nil }
            self.init(ip: ip, port: port)
        } else {
            guard let ip = Self.v4(host) else { return nil }
            self.init(ip: ip, port: port)
        }
    }

    /// A port is 0 to 65,535, in plain digits.
    package static func port(_ text: Substring) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return UInt16(text)
    }

    /// Four decimal numbers without leading zeros (which some read as octal).
    package static func v4(_ text: Substring) -> IP? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part == "0" || !part.hasPrefix("0"),
                part.utf8.allSatisfy({ (48...57).contains($0) }), let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return .v4(value)
    }

    /// RFC 4291 section 2.2: eight groups of hex digits, at most one `::`.
    package static func v6(_ text: Substring) -> IP? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count) else { return nil }
        guard let head = groups(halves[0]) else { return nil }
        var all = head
        if halves.count == 2 {
            guard let tail = groups(halves[1]), head.count + tail.count <= 7 else { return nil }
            all += Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard all.count == 8 else { return nil }
        let high = all[0..<4].reduce(0 as UInt64) { $0 << 16 | UInt64($1) }
        return .v6(high, all[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let group = UInt16(part, radix: 16), groups.count < 8
            else { return nil }
            groups.append(group)
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
