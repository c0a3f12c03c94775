import Primitives
import Testing

@testable import Node

@Suite struct SeedAddressTests {
    @Test(arguments: [
        ("10.0.0.1:7001", "10.0.0.1", true), ("[::1]:7001", "::1", true),
        ("node-1:7001", "node-1", false), ("a.b.example:7001", "a.b.example", false),
        ("rook_1:7001", "rook_1", false),
    ])
    func `addresses and names are taken`(text: String, host: String, isAddress: Bool) throws {
        let seed = try #require(SeedAddress(text))
        #expect(seed.host == host)
        #expect(seed.port == 7_001)
        #expect((seed.address == SocketAddress(text)) && ((seed.address != nil) == isAddress))
        #expect(seed.description == text)
    }

    @Test(arguments: [
        "", ":7001", "node", "node:", "node:0", "node:65536", "node:x", "::1:7001", "[::1:7001",
        "[node]:7001", "1.2.3:7001", "1.2.3.256:7001", "-a:7001", "a-:7001", "a..b:7001",
        "a b:7001", "a/b:7001", "ä:7001", String(repeating: "a", count: 64) + ":7001",
    ])
    func `anything else is refused`(text: String) {
        #expect(SeedAddress(text) == nil)
    }
}
