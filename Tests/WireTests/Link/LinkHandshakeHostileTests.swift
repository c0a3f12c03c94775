import Primitives
import Testing

@testable import Wire

/// What somebody between two nodes, or a stranger at a port, can try.
@Suite struct LinkHandshakeHostileTests {
    private static let secret = [UInt8](repeating: 0x5A, count: 32)

    private func local(_ name: String) throws -> LinkHandshake.Local {
        LinkHandshake.Local(
            node: try #require(NodeID(name)),
            incarnation: Incarnation(11),
            address: .loopback(port: 7_001),
            epoch: Epoch(5),
            keyring: try #require(LinkKeyring(secrets: [Self.secret], clusterID: [1])),
            versions: 1...2
        )
    }

    private func dialler(_ nonce: UInt8 = 1) throws -> (side: LinkHandshake, hello: [UInt8]) {
        var output = ByteWriter()
        let side = LinkHandshake(
            dialling: 1,
            of: 2,
            as: try local("a"),
            nonce: Array(repeating: nonce, count: 32),
            output: &output
        )
        return (side, output.bytes)
    }

    private func acceptor(_ nonce: UInt8 = 2) throws -> LinkHandshake {
        LinkHandshake(accepting: try local("b"), nonce: Array(repeating: nonce, count: 32))
    }

    private func step(
        _ side: inout LinkHandshake,
        _ bytes: [UInt8]
    ) throws(LinkError) -> (output: [UInt8], peer: LinkHandshake.Peer?) {
        var output = ByteWriter()
        let peer = try side.receive(bytes.span, output: &output)
        return (output.bytes, peer)
    }

    /// The four messages of a handshake that succeeds.
    private func recording() throws -> [[UInt8]] {
        var (one, hello) = try dialler()
        var other = try acceptor()
        let challenge = try step(&other, hello).output
        let auth = try step(&one, challenge).output
        return [hello, challenge, auth, try step(&other, auth).output]
    }

    @Test func `a recording of either side opens nothing at another time`() throws {
        let recorded = try recording()
        var other = try acceptor(3)
        _ = try step(&other, recorded[0])
        #expect(throws: LinkError.wrongSecret) { try step(&other, recorded[2]) }
        var (one, _) = try dialler(4)
        _ = try step(&one, recorded[1])
        #expect(throws: LinkError.wrongSecret) { try step(&one, recorded[3]) }
    }

    @Test func `what a side has sent opens nothing when it comes back`() throws {
        var (one, hello) = try dialler()
        #expect(throws: LinkError.self) { try step(&one, hello) }
        var other = try acceptor()
        let challenge = try step(&other, hello).output
        #expect(throws: LinkError.self) { try step(&other, challenge) }
        var again = try dialler().side
        let auth = try step(&again, challenge).output
        #expect(throws: LinkError.unexpected(type: LinkFrameType.auth.rawValue)) {
            try step(&again, auth)
        }
    }

    @Test func `no beginning of a handshake is taken for the whole`() throws {
        let recorded = try recording()
        for count in 0..<(recorded[0].count + recorded[2].count) {
            var other = try acceptor()
            let bytes = Array((recorded[0] + recorded[2]).prefix(count))
            #expect(try step(&other, bytes).peer == nil, "\(count) bytes")
        }
    }

    @Test func `messages in another order are refused`() throws {
        let recorded = try recording()
        for (first, second) in [(2, 0), (0, 0), (0, 1), (0, 3), (3, 2), (1, 2)] {
            var other = try acceptor()
            #expect(throws: LinkError.self, "\(first), \(second)") {
                _ = try step(&other, recorded[first])
                _ = try step(&other, recorded[second])
            }
        }
    }

    /// The highest version that the HELLO offers is lowered on its way: both would agree on 1.
    @Test func `a version that was lowered on the way is noticed`() throws {
        var (one, hello) = try dialler()
        let offset = LinkFrameHeader.byteCount + 5
        #expect(hello[offset] == 2)
        hello[offset] = 1
        var other = try acceptor()
        let auth = try step(&one, step(&other, hello).output).output
        #expect(throws: LinkError.wrongSecret) { try step(&other, auth) }
    }

    @Test func `a version that was lowered in the answer is noticed`() throws {
        var (one, hello) = try dialler()
        var other = try acceptor()
        var challenge = try step(&other, hello).output
        #expect(challenge[LinkFrameHeader.byteCount] == 2)
        challenge[LinkFrameHeader.byteCount] = 1
        let auth = try step(&one, challenge).output
        #expect(throws: LinkError.wrongSecret) { try step(&other, auth) }
    }

    /// Whatever a stranger sends, and however it is cut: what is kept of it stays below the limit.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `a stranger never costs more than 1,024 bytes`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let limit = LinkLimits.handshakeBytesMax
        var other = try acceptor()
        var sent = try Bool.random(using: &random) ? dialler().hello : []
        var header = ByteWriter()
        let type = sent.isEmpty ? LinkFrameType.hello : .auth
        let announced = Int.random(in: 0...2 * limit, using: &random)
        LinkFrameHeader(type, payloadCount: announced).encode(to: &header)
        sent += header.bytes
        sent += (0..<announced).map { _ in UInt8.random(in: 0...255, using: &random) }
        while !sent.isEmpty {
            let piece = Array(sent.prefix(Int.random(in: 1...700, using: &random)))
            sent.removeFirst(piece.count)
            guard let peer = try? step(&other, piece).peer else {
                // Refused: the connection is closed.
                return
            }
            _ = peer
            var copy = other
            #expect(copy.takeLeftover().count <= limit, "seed \(seed)")
        }
    }
}
