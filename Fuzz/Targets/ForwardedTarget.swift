import Primitives
import Wire

extension FuzzTarget {
    /// What a client puts in front of the words of the proxy that is trusted.
    static let forwarded = FuzzTarget(
        name: "forwarded",
        summary: "the fields in which proxies write where a request has come from",
        byteCountMax: 500,
        seeds: {
            [
                "6.6.6.6, [fd00::1]:80", "for=6.6.6.6;proto=http, for=\"[fd00::1]:80\"",
                "\"never closed", "x=\"a\\\"b\";", "\u{600}",
            ].map { Array($0.utf8) }
        },
        check: { bytes throws(Finding) in
            let start = String(decoding: bytes, as: UTF8.self)
            for field in ForwardedField.allCases {
                let name = field == .forwarded ? "Forwarded" : "X-Forwarded-For"
                let host = start.utf8.filter(isOfHost)
                let words = "for=1.2.3.4;host=\"" + String(decoding: host, as: UTF8.self) + "\""
                let own = field == .forwarded ? words : "1.2.3.4"
                for values in [["\(start), \(own)"], [start, own]] {
                    var headers = HTTPHeaders()
                    for value in values { headers.add(name, value) }
                    let client = TrustedHops(count: 1, field: field).client(in: headers)
                    try require(
                        client == SocketAddress("1.2.3.4:0"),
                        "\(values) are from \(client?.description ?? "nobody")"
                    )
                    _ = TrustedHops(count: 3, field: field).client(in: headers)
                }
            }
        }
    )

    /// What stands in a quoted string as it is.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
