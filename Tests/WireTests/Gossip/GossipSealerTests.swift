import Testing

@testable import Wire

@Suite struct GossipSealerTests {
    @Test func `a sealed datagram has the documented layout`() throws {
        let sealer = try GossipSender("node-1", incarnation: 0x0102)
        let datagram = sealer.seal([0xAA, 0xBB])
        let tag = SHA256.hash(GossipWorld.cluster).prefix(8)
        let head = bytes(hex: "524b4701") + tag + [6] + Array("node-1".utf8)
        let body = head + bytes(hex: "0000000000000102 0000000000000001 aabb")
        let label = Array("gossip-v1".utf8) + GossipWorld.cluster
        let key = HMACSHA256.authenticate(label, key: GossipWorld.secret)
        #expect(datagram == body + HMACSHA256.authenticate(body, key: key).prefix(16))
    }

    @Test(arguments: [1, 64])
    func `the largest payload fills the datagram to its limit`(nameBytes: Int) throws {
        let sealer = try GossipSender(String(repeating: "n", count: nameBytes))
        let datagram = sealer.seal(pattern(sealer.payloadBytesMax))
        #expect(datagram.count == GossipEnvelope.datagramBytesMax)
        let receiver = GossipReceiver(keyring: GossipWorld.keyring())
        #expect(try receiver.open(datagram).payload == pattern(sealer.payloadBytesMax))
    }

    @Test func `every name leaves room for the smallest budget`() throws {
        let sealer = try GossipSender(String(repeating: "n", count: 64))
        #expect(sealer.payloadBytesMax == GossipEnvelope.payloadBytesMin)
        #expect(GossipEnvelope.payloadBytesMin == 1_091)
    }

    @Test func `one byte too many is our own bug`() async {
        await #expect(processExitsWith: .failure) {
            let sealer = try GossipSender()
            _ = sealer.seal(pattern(sealer.payloadBytesMax + 1))
        }
    }
}
