import Primitives
import Testing

@testable import Wire

private let secret = [UInt8](repeating: 0x5A, count: 32)
private let otherSecret = [UInt8](repeating: 0xA5, count: 40)

/// A node as it speaks for itself, with what a test wants to change.
private func local(
    _ name: String,
    secrets: [[UInt8]] = [secret],
    cluster: String = "test",
    versions: ClosedRange<UInt8> = 1...1
) throws -> LinkHandshake.Local {
    LinkHandshake.Local(
        node: try #require(NodeID(name)),
        incarnation: Incarnation(11),
        address: .loopback(port: 7_001),
        epoch: Epoch(5),
        keyring: try #require(LinkKeyring(secrets: secrets, clusterID: Array(cluster.utf8))),
        versions: versions
    )
}

private func nonce(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

/// A handshake of two sides, message by message, so that tests can change one on its way.
private struct Dialogue {
    var dialler: LinkHandshake
    var acceptor: LinkHandshake
    var hello: [UInt8]

    init(
        _ one: LinkHandshake.Local,
        _ other: LinkHandshake.Local,
        acceptorNonce: UInt8 = 2
    ) {
        var output = ByteWriter()
        dialler = LinkHandshake(dialling: 3, of: 4, as: one, nonce: nonce(1), output: &output)
        acceptor = LinkHandshake(accepting: other, nonce: nonce(acceptorNonce))
        hello = output.bytes
    }

    mutating func challenge(for hello: [UInt8]) throws(LinkError) -> [UInt8] {
        try Self.step(&acceptor, hello).output
    }

    mutating func auth(for challenge: [UInt8]) throws(LinkError) -> [UInt8] {
        try Self.step(&dialler, challenge).output
    }

    static func step(
        _ side: inout LinkHandshake,
        _ bytes: [UInt8]
    ) throws(LinkError) -> (output: [UInt8], peer: LinkHandshake.Peer?) {
        var output = ByteWriter()
        let peer = try side.receive(bytes.span, output: &output)
        return (output.bytes, peer)
    }

    /// Both sides to the end.
    mutating func run() throws(LinkError) -> (
        acceptor: LinkHandshake.Peer?, dialler: LinkHandshake.Peer?
    ) {
        let auth = try auth(for: challenge(for: hello))
        let accepted = try Self.step(&acceptor, auth)
        return (accepted.peer, try Self.step(&dialler, accepted.output).peer)
    }
}

@Suite struct LinkHandshakeTests {
    @Test func `both sides learn who the other is`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        let peers = try dialogue.run()
        let acceptor = try #require(peers.acceptor)
        let dialler = try #require(peers.dialler)
        #expect(acceptor.node == NodeID("a"))
        #expect(dialler.node == NodeID("b"))
        for peer in [acceptor, dialler] {
            #expect(peer.incarnation == Incarnation(11))
            #expect(peer.address == .loopback(port: 7_001))
            #expect(peer.lane == 3)
            #expect(peer.laneCount == 4)
            #expect(peer.version == 1)
        }
        #expect(dialler.epoch == Epoch(5))
        #expect(acceptor.epoch == .none)
    }

    @Test func `what comes behind the handshake is for the lane`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        let auth = try dialogue.auth(for: dialogue.challenge(for: dialogue.hello))
        let ready = try Dialogue.step(&dialogue.acceptor, auth + [8, 9])
        #expect(ready.peer != nil)
        #expect(dialogue.acceptor.takeLeftover() == [8, 9])
        let more = [UInt8](repeating: 3, count: 5_000)
        #expect(try Dialogue.step(&dialogue.dialler, ready.output + more).peer != nil)
        #expect(dialogue.dialler.takeLeftover() == more)
    }

    @Test func `it makes no difference how the bytes are split`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        var challenge: [UInt8] = []
        for byte in dialogue.hello { challenge += try dialogue.challenge(for: [byte]) }
        var auth: [UInt8] = []
        for byte in challenge { auth += try dialogue.auth(for: [byte]) }
        for (index, byte) in auth.enumerated() {
            let peer = try Dialogue.step(&dialogue.acceptor, [byte]).peer
            #expect((peer != nil) == (index == auth.count - 1))
        }
    }

    @Test func `a new secret is brought in without a gap`() throws {
        let both = [[secret, otherSecret], [otherSecret, secret]]
        for (mine, theirs) in [([secret], both[0]), (both[0], both[1]), (both[1], [otherSecret])] {
            var dialogue = Dialogue(
                try local("a", secrets: mine),
                try local("b", secrets: theirs)
            )
            #expect(try dialogue.run().dialler != nil)
        }
    }

    @Test func `an empty secret is a key, a short one is none`() throws {
        var dialogue = Dialogue(try local("a", secrets: [[]]), try local("b", secrets: [[]]))
        #expect(try dialogue.run().dialler != nil)
        let short = [UInt8](repeating: 1, count: 31)
        #expect(LinkKeyring(secrets: [short], clusterID: []) == nil)
        #expect(LinkKeyring(secrets: [short + [1]], clusterID: []) != nil)
        #expect(LinkKeyring(secrets: Array(repeating: secret, count: 4), clusterID: []) != nil)
        #expect(LinkKeyring(secrets: Array(repeating: secret, count: 5), clusterID: []) == nil)
        #expect(LinkKeyring(secrets: [], clusterID: []) == nil)
    }

    @Test func `the highest common version is taken`() throws {
        let rows: [(ClosedRange<UInt8>, ClosedRange<UInt8>, UInt8?)] = [
            (1...2, 1...1, 1), (1...2, 2...3, 2), (2...3, 1...2, 2), (1...1, 2...2, nil),
            (2...2, 1...1, nil),
        ]
        for (mine, theirs, version) in rows {
            var dialogue = Dialogue(
                try local("a", versions: mine),
                try local("b", versions: theirs)
            )
            let peers = try? dialogue.run()
            #expect(peers?.acceptor?.version == version)
        }
    }
}

@Suite struct LinkHandshakeRefusalTests {
    @Test func `a HELLO from elsewhere is refused`() throws {
        var stranger = Dialogue(try local("a", cluster: "other"), try local("b"))
        #expect(throws: LinkError.otherCluster) { try stranger.run() }
        var oneself = Dialogue(try local("b"), try local("b"))
        #expect(throws: LinkError.talkingToOneself) { try oneself.run() }
        var unknown = Dialogue(try local("a", secrets: [otherSecret]), try local("b"))
        #expect(throws: LinkError.unknownKey) { try unknown.run() }
        var versions = Dialogue(try local("a", versions: 2...3), try local("b"))
        #expect(throws: LinkError.versionRefused(min: 2, max: 3)) { try versions.run() }
    }

    @Test func `an acceptor that does not know the secret proves nothing`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        _ = try dialogue.auth(for: dialogue.challenge(for: dialogue.hello))
        var forged = ByteWriter()
        LinkFrameHeader(.ready, payloadCount: 40).encode(to: &forged)
        forged.write([UInt8](repeating: 0, count: 40))
        #expect(throws: LinkError.wrongSecret) {
            try Dialogue.step(&dialogue.dialler, forged.bytes)
        }
    }

    @Test func `a dialler that does not know the secret proves nothing`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        _ = try dialogue.challenge(for: dialogue.hello)
        var forged = ByteWriter()
        LinkFrameHeader(.auth, payloadCount: 32).encode(to: &forged)
        forged.write([UInt8](repeating: 0, count: 32))
        #expect(throws: LinkError.wrongSecret) {
            try Dialogue.step(&dialogue.acceptor, forged.bytes)
        }
    }

    @Test func `a recorded AUTH opens nothing`() throws {
        var first = Dialogue(try local("a"), try local("b"))
        let auth = try first.auth(for: first.challenge(for: first.hello))
        var second = Dialogue(try local("a"), try local("b"), acceptorNonce: 3)
        _ = try second.challenge(for: first.hello)
        #expect(throws: LinkError.wrongSecret) { try Dialogue.step(&second.acceptor, auth) }
    }

    @Test func `an AUTH sent back is no READY`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        let auth = try dialogue.auth(for: dialogue.challenge(for: dialogue.hello))
        var reflected = ByteWriter()
        LinkFrameHeader(.ready, payloadCount: 40).encode(to: &reflected)
        reflected.write(auth.dropFirst(16))
        reflected.write(UInt64(5))
        #expect(throws: LinkError.wrongSecret) {
            try Dialogue.step(&dialogue.dialler, reflected.bytes)
        }
    }

    @Test func `whatever is changed on the way is noticed by the codes`() throws {
        // The versions, the incarnation and the lane of a HELLO; a downgrade among them.
        let both = try local("a", versions: 1...2)
        let offsets = [16 + 5, 16 + 9, 16 + 26, 16 + 34]
        for offset in offsets {
            var dialogue = Dialogue(both, try local("b", versions: 1...2))
            var hello = dialogue.hello
            hello[offset] ^= 3
            let auth = try dialogue.auth(for: dialogue.challenge(for: hello))
            #expect(throws: LinkError.wrongSecret) {
                try Dialogue.step(&dialogue.acceptor, auth)
            }
        }
    }

    @Test(arguments: 0..<400)
    func `a handshake with a wrong byte never succeeds on both sides`(flip: Int) throws {
        var random = SplitMix64(seed: UInt64(flip))
        var dialogue = Dialogue(try local("a"), try local("b"))
        func damaged(_ bytes: [UInt8], _ stage: Int) -> [UInt8] {
            guard flip % 3 == stage else { return bytes }
            var bytes = bytes
            let offset = Int.random(in: bytes.indices, using: &random)
            bytes[offset] ^= UInt8.random(in: 1...255, using: &random)
            return bytes
        }
        let result = try? {
            let challenge = try dialogue.challenge(for: damaged(dialogue.hello, 0))
            let auth = try dialogue.auth(for: damaged(challenge, 1))
            return try Dialogue.step(&dialogue.acceptor, damaged(auth, 2)).peer
        }()
        // Only bits of a frame header that mean nothing here may differ.
        if result != nil { #expect(try isHarmless(flip: flip)) }
    }

    /// True when the damage of that seed hit flags, partition, stream or epoch of a header.
    private func isHarmless(flip: Int) throws -> Bool {
        var random = SplitMix64(seed: UInt64(flip))
        var dialogue = Dialogue(try local("a"), try local("b"))
        let challenge = try dialogue.challenge(for: dialogue.hello)
        let auth = try dialogue.auth(for: challenge)
        let bytes = [dialogue.hello, challenge, auth][flip % 3]
        let offset = Int.random(in: bytes.indices, using: &random)
        return (1...3).contains(offset) || (8..<16).contains(offset)
    }

    @Test func `a stranger may send 1,024 bytes and not one more`() throws {
        var acceptor = LinkHandshake(accepting: try local("b"), nonce: nonce(2))
        var output = ByteWriter()
        LinkFrameHeader(.hello, payloadCount: 1_008).encode(to: &output)
        let most = output.take()
        #expect(try Dialogue.step(&acceptor, most).peer == nil)
        LinkFrameHeader(.hello, payloadCount: 1_009).encode(to: &output)
        let tooMany = output.take()
        var other = LinkHandshake(accepting: try local("b"), nonce: nonce(2))
        #expect(throws: LinkError.handshakeTooLong(count: 1_025)) {
            try Dialogue.step(&other, tooMany)
        }
    }

    @Test func `another protocol is noticed at its first bytes`() throws {
        var acceptor = LinkHandshake(accepting: try local("b"), nonce: nonce(2))
        #expect(throws: LinkError.unknownType(0x47)) {
            try Dialogue.step(&acceptor, Array("GET / HTTP/1.1\r\n".utf8))
        }
        var output = ByteWriter()
        LinkFrameHeader(.hello, payloadCount: 4).encode(to: &output)
        output.write(UInt32(0x0102_0304))
        var other = LinkHandshake(accepting: try local("b"), nonce: nonce(2))
        #expect(throws: LinkError.badMagic(0x0102_0304)) {
            try Dialogue.step(&other, output.bytes)
        }
    }

    @Test func `frames out of turn are refused`() throws {
        var dialogue = Dialogue(try local("a"), try local("b"))
        let hello = dialogue.hello
        #expect(throws: LinkError.unexpected(type: 0x01)) {
            try Dialogue.step(&dialogue.dialler, hello)
        }
        _ = try dialogue.challenge(for: hello)
        #expect(throws: LinkError.unexpected(type: 0x01)) {
            try Dialogue.step(&dialogue.acceptor, hello)
        }
    }

    @Test func `a lane beyond those that there are is refused`() throws {
        for (offset, value) in [(16 + 9, 2), (16 + 9, 9), (16 + 26, 9)] as [(Int, UInt8)] {
            var dialogue = Dialogue(try local("a"), try local("b"))
            var hello = dialogue.hello
            hello[offset] = value
            let lane: UInt8 = offset == 16 + 26 ? value : 3
            let count: UInt8 = offset == 16 + 26 ? 4 : value
            #expect(throws: LinkError.badLane(lane: lane, of: count)) {
                try dialogue.challenge(for: hello)
            }
        }
    }
}
