import Primitives
import Testing

@testable import Wire

@Suite struct ProxyHeaderTests {
    private static let signature = ProxyHeaderParser.signature

    /// What the parser makes of bytes that come in pieces, and what is left behind the header.
    private func parse(
        _ pieces: [[UInt8]]
    ) throws(ProxyHeaderError) -> (client: SocketAddress?, leftover: [UInt8])? {
        var parser = ProxyHeaderParser()
        for (index, piece) in pieces.enumerated() {
            guard let header = try parser.receive(piece.span) else { continue }
            let rest = pieces[(index + 1)...].flatMap { $0 }
            return (header.client, parser.takeLeftover() + rest)
        }
        return nil
    }

    private func refusal(_ bytes: [UInt8]) -> ProxyHeaderError? {
        do throws(ProxyHeaderError) {
            _ = try parse([bytes])
            return nil
        } catch {
            return error
        }
    }

    private static func binary(
        _ command: UInt8,
        _ family: UInt8,
        _ payload: [UInt8]
    ) -> [UInt8] {
        signature + [command, family, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
            + payload
    }

    private static let v4: [UInt8] = [1, 2, 3, 4, 10, 0, 0, 1, 0x30, 0x39, 0x1F, 0x41]
    private static let v6: [UInt8] =
        [0xFD] + Array(repeating: 0, count: 14) + [1] + Array(repeating: 9, count: 16)
        + [0x30, 0x39, 0x1F, 0x41]

    /// Each header that is in order, and the client that it tells.
    private static let headers: [(bytes: [UInt8], client: String?)] = [
        (Array("PROXY TCP4 1.2.3.4 10.0.0.1 12345 8001\r\n".utf8), "1.2.3.4:12345"),
        (Array("PROXY TCP6 fd00::1 ::1 12345 8001\r\n".utf8), "[fd00::1]:12345"),
        (
            Array("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n".utf8),
            "255.255.255.255:65535"
        ),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN fd00::1 ::1 1 2\r\n".utf8), nil),
        (binary(0x21, 0x11, v4), "1.2.3.4:12345"), (binary(0x21, 0x21, v6), "[fd00::1]:12345"),
        (binary(0x21, 0x11, v4 + [0x03, 0, 4, 1, 2, 3, 4]), "1.2.3.4:12345"),
        (binary(0x20, 0x00, []), nil), (binary(0x20, 0x11, v4), nil), (binary(0x21, 0x00, []), nil),
        (binary(0x21, 0x31, Array(repeating: 65, count: 216)), nil),
    ]

    @Test func `a header tells the client, and the rest is the client's own`() throws {
        for (bytes, client) in Self.headers {
            let rest = Array("GET / HTTP/1.1\r\n\r\n".utf8)
            let parsed = try #require(try parse([bytes + rest]))
            #expect(parsed.client?.description == client)
            #expect(parsed.leftover == rest)
        }
    }

    @Test func `it does not matter where a header is cut`() throws {
        for (bytes, client) in Self.headers {
            let whole = bytes + [0x0D, 0x0A, 0x50]
            for cut in 1..<whole.count {
                let parsed = try #require(try parse([Array(whole[..<cut]), Array(whole[cut...])]))
                #expect(parsed.client?.description == client)
                #expect(parsed.leftover == [0x0D, 0x0A, 0x50])
            }
            let single = try #require(try parse(whole.map { [$0] }))
            #expect(single.client?.description == client)
            #expect(single.leftover == [0x0D, 0x0A, 0x50])
        }
    }

    @Test func `no beginning of a header is one`() throws {
        for (bytes, _) in Self.headers {
            for count in 0..<bytes.count {
                #expect(try parse([Array(bytes.prefix(count))]) == nil)
            }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n", "PROXX", "\r\n\r\n\r",
        "\u{16}",
        "PRI * HTTP/2.0",
    ])
    func `who sends something else is told at the first byte that differs`(text: String) {
        #expect(refusal(Array(text.utf8)) == .missing)
    }

    @Test(arguments: [
        "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
        "PROXY TCP4 fd00::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 host 1 2\r\n", "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY unknown\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n",
    ])
    func `a line that is not in order is refused`(text: String) {
        #expect(refusal(Array(text.utf8)) == .malformedLine)
    }

    @Test func `a line of 107 bytes is read, and a longer one is not waited for`() throws {
        let start = Array("PROXY UNKNOWN ".utf8)
        let filling = [UInt8](repeating: 0x78, count: ProxyHeaderParser.lineBytesMax - 16)
        #expect(try parse([start + filling + [0x0D, 0x0A]]) != nil)
        #expect(try parse([start + filling]) == nil)
        let limit = ProxyHeaderParser.lineBytesMax
        #expect(refusal(start + filling + [0x78, 0x0D, 0x0A]) == .lineTooLong(limit: limit))
        #expect(refusal(start + filling + [0x78, 0x78]) == .lineTooLong(limit: limit))
    }

    @Test func `a payload of 1024 bytes is read, and a longer one is refused by its length`() throws
    {
        let limit = ProxyHeaderParser.payloadBytesMax
        let more = [UInt8](repeating: 0, count: limit - Self.v4.count)
        #expect(try parse([Self.binary(0x21, 0x11, Self.v4 + more)]) != nil)
        let head = Self.binary(0x21, 0x11, Self.v4 + more + [0]).prefix(16)
        #expect(refusal(Array(head)) == .tooLong(count: limit + 1, limit: limit))
        #expect(
            refusal(Self.signature + [0x21, 0x11, 0xFF, 0xFF])
                == .tooLong(count: 65_535, limit: limit)
        )
    }

    @Test func `what version 2 does not know is refused`() {
        for command in [0x00, 0x11, 0x22, 0x2F, 0x31] as [UInt8] {
            #expect(refusal(Self.signature + [command]) == .unknownCommand(command))
        }
        for family in [0x01, 0x10, 0x12, 0x22, 0x32, 0x41, 0xFF] as [UInt8] {
            #expect(refusal(Self.binary(0x21, family, Self.v6)) == .unknownFamily(family))
        }
        #expect(refusal(Self.binary(0x21, 0x11, Self.v4.dropLast())) == .truncatedAddress)
        #expect(refusal(Self.binary(0x21, 0x21, Self.v6.dropLast())) == .truncatedAddress)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `bytes that are changed are a header or are refused`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let original = Self.headers.randomElement(using: &random)?.bytes ?? []
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] = UInt8.random(in: 0...255, using: &random)
        }
        let cut = Int.random(in: 0...bytes.count, using: &random)
        let whole = try? parse([bytes])
        let pieces = try? parse([Array(bytes[..<cut]), Array(bytes[cut...])])
        #expect(whole?.client == pieces?.client, "seed \(seed)")
        #expect(whole?.leftover == pieces?.leftover, "seed \(seed)")
    }
}
