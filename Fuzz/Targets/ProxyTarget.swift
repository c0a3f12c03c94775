import Primitives
import Wire

extension FuzzTarget {
    /// The first bytes of a connection behind a proxy.
    static let proxy = FuzzTarget(
        name: "proxy",
        summary: "headers of the PROXY protocol, versions 1 and 2",
        seeds: {
            let binary: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A] + "QUIT\n".utf8
            let v4: [UInt8] = [0x21, 0x11, 0, 14, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 0, 80, 3, 4]
            let v6 = [0x21, 0x21, 0, 36] + [UInt8](repeating: 1, count: 36)
            return [
                Array("PROXY TCP4 10.0.0.1 10.0.0.2 1234 80\r\nGET ".utf8),
                Array("PROXY TCP6 fd00::1 ::1 1 65535\r\n".utf8),
                Array("PROXY UNKNOWN what not\r\n".utf8),
                binary + v4 + "GET ".utf8, binary + v6, binary + [0x20, 0, 0, 0],
            ]
        },
        check: { bytes throws(Finding) in
            let whole = ProxyParse([bytes[...]])
            for way in Cuts.ways(of: bytes) {
                let cut = ProxyParse(way)
                try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
            }
        }
    )
}

/// What is found at the start of some bytes, and what is left behind it.
private struct ProxyParse: Equatable {
    var header: ProxyHeader?
    var error: ProxyHeaderError?
    var rest: [UInt8] = []

    init(_ parts: [ArraySlice<UInt8>]) {
        var parser = ProxyHeaderParser()
        for (index, part) in parts.enumerated() {
            do throws(ProxyHeaderError) {
                header = try parser.receive([UInt8](part).span)
            } catch {
                self.error = error
                return
            }
            guard header != nil else { continue }
            rest = parser.takeLeftover() + parts[(index + 1)...].joined()
            return
        }
    }
}
