import Primitives
import Testing

@Suite struct SocketAddressTests {
    /// Text as it is written, and the address; RFC 5952 section 4 for the second half.
    @Test(
        arguments: [
            ("0.0.0.0:0", .v4(0), 0),
            ("127.0.0.1:7001", .v4(0x7F00_0001), 7_001),
            ("255.255.255.255:65535", .v4(.max), 65_535),
            ("1.20.100.3:80", .v4(0x0114_6403), 80),
            ("[::]:0", .v6(0, 0), 0),
            ("[::1]:7001", .v6(0, 1), 7_001),
            ("[2001:db8::1]:80", .v6(0x2001_0DB8_0000_0000, 1), 80),
            ("[2001:db8::]:80", .v6(0x2001_0DB8_0000_0000, 0), 80),
            ("[2001:db8:0:1:1:1:1:1]:80", .v6(0x2001_0DB8_0000_0001, 0x0001_0001_0001_0001), 80),
            ("[2001:0:0:1::1]:80", .v6(0x2001_0000_0000_0001, 1), 80),
            ("[2001:db8::1:0:0:1]:80", .v6(0x2001_0DB8_0000_0000, 0x0001_0000_0000_0001), 80),
            ("[1:2:3:4:5:6:7:0]:80", .v6(0x0001_0002_0003_0004, 0x0005_0006_0007_0000), 80),
            ("[0:2:3:4:5:6:7:8]:80", .v6(0x0000_0002_0003_0004, 0x0005_0006_0007_0008), 80),
            ("[1:2:3:4:5:6::]:80", .v6(0x0001_0002_0003_0004, 0x0005_0006_0000_0000), 80),
            ("[::ffff:102:304]:80", .v6(0, 0xFFFF_0102_0304), 80),
            ("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80", .v6(.max, .max), 80),
            ("[fe80::abcd]:80", .v6(0xFE80_0000_0000_0000, 0xABCD), 80),
        ] as [(String, SocketAddress.IP, UInt16)]
    )
    func `an address is read and written as the same text`(
        text: String,
        ip: SocketAddress.IP,
        port: UInt16
    ) {
        let address = SocketAddress(ip: ip, port: port)
        #expect(SocketAddress(text) == address)
        #expect(address.description == text)
    }

    /// What RFC 5952 writes otherwise, RFC 4291 section 2.2 reads all the same.
    @Test(
        arguments: [
            ("[2001:DB8::1]:80", "[2001:db8::1]:80"),
            ("[2001:0db8:0000:0000:0000:0000:0000:0001]:80", "[2001:db8::1]:80"),
            ("[2001:db8::0:1]:80", "[2001:db8::1]:80"),
            ("[2001:db8::1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80"),
            ("[2001:db8:0:0:1::1]:80", "[2001:db8::1:0:0:1]:80"),
            ("[1:2:3:4:5:6:7::]:80", "[1:2:3:4:5:6:7:0]:80"),
            ("[::2:3:4:5:6:7:8]:80", "[0:2:3:4:5:6:7:8]:80"),
            ("127.0.0.1:00080", "127.0.0.1:80"),
        ]
    )
    func `another spelling of an address is read too`(text: String, canonical: String) {
        #expect(SocketAddress(text)?.description == canonical)
    }

    @Test(
        arguments: [
            "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:000080",
            "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:8O", "127.0.0.1: 80", "127.0.0.1:80 ",
            "127.0.0:80", "127.0.0.1.1:80", "127.0.0.256:80", "127.0.0.01:80", "127.0.0.:80",
            "127..0.1:80", "127.0.0.+1:80", "127.0.0.1a:80", "127.0.0.0x1:80", "localhost:80",
            "::1:80", "[::1]", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[:]:80", "[:::]:80",
            "[1]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80", "[1:2:3:4:5:6:7:8::]:80",
            "[::1:2:3:4:5:6:7:8]:80", "[1::2::3]:80", "[12345::]:80", "[g::]:80", "[:1::]:80",
            "[1:]:80", "[::1:]:80", "[+1::]:80", "[::1.2.3.4]:80", "[fe80::1%eth0]:80",
            "[127.0.0.1]:80", "１27.0.0.1:80", "127.0.0.1:8０",
        ]
    )
    func `anything else is no address`(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `every address survives text and bytes`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // Groups of zeros are what the text is about, so most groups are made zero.
        func half() -> UInt64 {
            (0..<4).reduce(0) { half, _ in
                half << 16 | (Bool.random(using: &random) ? 0 : random.next() >> 48)
            }
        }
        let port = UInt16.random(in: 0...UInt16.max, using: &random)
        for ip in [.v4(UInt32(truncatingIfNeeded: random.next())), .v6(half(), half())]
            as [SocketAddress.IP]
        {
            let address = SocketAddress(ip: ip, port: port)
            #expect(SocketAddress(address.description) == address)
            var writer = ByteWriter()
            address.encode(to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try SocketAddress(from: &reader) == address)
            try reader.finish()
        }
    }

    @Test func `the bytes of an address begin with its family`() {
        var writer = ByteWriter()
        SocketAddress.loopback(port: 0x1234).encode(to: &writer)
        SocketAddress(ip: .v6(1, 2), port: 3).encode(to: &writer)
        let second: [UInt8] = [6, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3]
        #expect(writer.bytes == [4, 127, 0, 0, 1, 0x12, 0x34] + second)
    }

    @Test(arguments: [[4, 127, 0, 0, 1, 0, 80], [6] + Array(1...18)] as [[UInt8]])
    func `no prefix of an encoded address is one`(bytes: [UInt8]) {
        for count in bytes.indices {
            var reader = ByteReader(bytes[..<count])
            #expect(throws: ByteError.truncated) { try SocketAddress(from: &reader) }
        }
    }

    @Test(arguments: [0, 5, 255] as [UInt8])
    func `another family is refused`(family: UInt8) {
        var reader = ByteReader([family] + Array(repeating: 0, count: 18))
        #expect(throws: ByteError.invalidValue) { try SocketAddress(from: &reader) }
    }

    @Test(
        arguments: [
            ("127.0.0.1:1", true, false), ("127.255.0.9:1", true, false),
            ("128.0.0.1:1", false, false), ("0.0.0.0:1", false, true), ("[::]:1", false, true),
            ("[::1]:1", true, false), ("[1::1]:1", false, false), ("[::2]:1", false, false),
        ]
    )
    func `loopback and unspecified addresses are known`(
        text: String,
        isLoopback: Bool,
        isUnspecified: Bool
    ) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.isUnspecified == isUnspecified)
    }

    @Test func `a port is changed and nothing else`() {
        let address = SocketAddress(ip: .v6(1, 2), port: 3)
        #expect(address.with(port: 4) == SocketAddress(ip: .v6(1, 2), port: 4))
    }
}
