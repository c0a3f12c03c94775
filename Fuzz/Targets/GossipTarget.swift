import Membership
import Primitives
import Wire

extension FuzzTarget {
    /// Datagrams from anybody, and from a peer that holds the secret.
    static let gossip = FuzzTarget(
        name: "gossip",
        summary: "sealed datagrams, with wrong and right codes, and the membership's messages",
        byteCountMax: 2_600,
        seeds: {
            var sealer = GossipSealer(
                id: .fuzz("a"),
                incarnation: Incarnation(3),
                keyring: keyring
            )
            let sealed = Self.payloads.map { sealer.seal([1] + $0) }
            // Without the cluster's own beginning and the code, which the check puts there.
            let inner = sealed.map { Array($0[12...].dropLast(16)) }
            return sealed + inner + Self.payloads
        },
        check: { bytes throws(Finding) in
            try checkOpening(bytes)
            try checkOpening(signed(bytes))
            try checkMessage(bytes)
        }
    )

    private static let secret = [UInt8](repeating: 7, count: 32)
    private static let clusterID = Array("fuzz".utf8)
    private static let keyring = GossipKeyring(secrets: [secret], clusterID: clusterID)
    private static let code: HMACSHA256 = {
        let label = Array("gossip-v1".utf8)
        return HMACSHA256(key: HMACSHA256.authenticate(label + clusterID, key: secret))
    }()

    private static let payloads: [[UInt8]] = {
        let update = MemberUpdate(
            about: Member(
                id: .fuzz("b"),
                incarnation: Incarnation(5),
                address: .loopback(port: 7_001),
                weight: 100
            ),
            accuser: 0
        )
        let kinds: [SwimMessage.Kind] = [
            .ping(sequence: 1), .ack(sequence: 2), .gossip, .table(answerWanted: true),
            .pingRequest(sequence: 3, waitMilliseconds: 100, target: .fuzz("b")),
            .nack(sequence: 4), .digest(hash: 5),
        ]
        return kinds.map { SwimMessage($0, updates: [update]).encoded }
    }()

    /// A datagram of this cluster whose bytes behind the tag are `bytes`, with the right code.
    private static func signed(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(0x524B_4701))
        writer.write(keyring.tag.value)
        writer.write(bytes)
        return writer.bytes + code.authenticate(writer.bytes).prefix(16)
    }

    /// What is let in is let in once, and is no longer than a datagram.
    private static func checkOpening(_ datagram: [UInt8]) throws(Finding) {
        var opener = GossipOpener(keyring: keyring, senderCountMax: 2)
        let envelope: GossipEnvelope
        do throws(GossipRefusal) {
            envelope = try opener.open(datagram)
        } catch {
            return
        }
        try require(datagram.count <= GossipEnvelope.datagramBytesMax, "\(datagram.count) bytes")
        do throws(GossipRefusal) {
            _ = try opener.open(datagram)
        } catch {
            guard error == .replayed(sequence: envelope.sequence) else {
                throw Finding(description: "again: \(error)")
            }
            if let (_, message) = GossipChannel.split(envelope.payload) {
                try checkMessage(Array(message))
            }
            return
        }
        throw Finding(description: "taken twice: \(envelope)")
    }

    private static func checkMessage(_ bytes: [UInt8]) throws(Finding) {
        try checkCoding(
            bytes,
            decode: { bytes throws(ByteError) in try SwimMessage(decoding: bytes[...]) },
            encode: { $0.encoded }
        )
    }

    /// What can be read can be written, and is then read as the same.
    static func checkCoding<Value: Equatable>(
        _ bytes: [UInt8],
        decode: ([UInt8]) throws(ByteError) -> Value,
        encode: (Value) -> [UInt8]?
    ) throws(Finding) {
        guard let value = try? decode(bytes), let written = encode(value) else { return }
        let again: Value
        do throws(ByteError) {
            again = try decode(written)
        } catch {
            throw Finding(description: "\(value) is written as \(written): \(error)")
        }
        try require(again == value, "\(value) comes back as \(again)")
        try require(encode(again) == written, "\(value) is written in two ways")
    }
}

extension NodeID {
    /// A good name that is known to be one.
    static func fuzz(_ name: String) -> NodeID {
        guard let id = NodeID(name) else { preconditionFailure("\(name) is no name of a node") }
        return id
    }
}
