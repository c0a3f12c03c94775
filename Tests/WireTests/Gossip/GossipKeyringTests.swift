import Testing

@testable import Wire

@Suite struct GossipKeyringTests {
    @Test func `a secret changes in three steps without a gap`() throws {
        let (old, new) = (pattern(32), pattern(33))
        let steps = [[old], [old, new], [new, old], [new]].map { GossipWorld.keyring($0) }
        for (step, next) in zip(steps, steps.dropFirst()) {
            for (signer, verifier) in [(step, next), (next, step)] {
                let sealer = try GossipSender(keyring: signer)
                let receiver = GossipReceiver(keyring: verifier)
                #expect(throws: Never.self) { try receiver.open(sealer.seal()) }
            }
        }
    }

    @Test func `a key depends on the secret and on the cluster`() throws {
        let keys = [("a", "b"), ("b", "b"), ("a", "c")].map { secret, cluster in
            GossipKey.derive(secret: Array(secret.utf8), clusterID: Array(cluster.utf8))
        }
        #expect(Set(keys.map { hex($0.sign([1])) }).count == 3)
    }

    @Test func `an empty secret works and protects nothing`() throws {
        let sealer = try GossipSender(keyring: GossipWorld.keyring([[]]))
        let receiver = GossipReceiver(keyring: GossipWorld.keyring([[]]))
        #expect(throws: Never.self) { try receiver.open(sealer.seal()) }
    }

    @Test func `the last of the largest number of keys verifies`() throws {
        let secrets = (1...GossipKeyring.keyCountMax).map { pattern(31 + $0) }
        let sealer = try GossipSender(keyring: GossipWorld.keyring([secrets[3]]))
        let receiver = GossipReceiver(keyring: GossipWorld.keyring(secrets))
        #expect(throws: Never.self) { try receiver.open(sealer.seal()) }
    }

    @Test func `no key and one key too many are our own bugs`() async {
        await #expect(processExitsWith: .failure) { _ = GossipWorld.keyring([]) }
        await #expect(processExitsWith: .failure) {
            _ = GossipWorld.keyring(Array(repeating: [1], count: GossipKeyring.keyCountMax + 1))
        }
    }
}
