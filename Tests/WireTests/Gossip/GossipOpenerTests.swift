import Primitives
import Testing

@testable import Wire

@Suite struct GossipOpenerTests {
    private let receiver = GossipReceiver()

    @Test func `what was sealed comes out with its sender`() throws {
        let sealer = try GossipSender("a", incarnation: 7)
        _ = sealer.seal()
        let expected = GossipEnvelope(
            sender: try #require(NodeID("a")),
            incarnation: Incarnation(7),
            sequence: 2,
            payload: [1, 2, 3]
        )
        #expect(try receiver.open(sealer.seal([1, 2, 3])) == expected)
    }

    @Test func `an empty payload is a payload`() throws {
        let sealer = try GossipSender()
        #expect(try receiver.open(sealer.seal()).payload == [])
    }

    @Test func `a slice from the middle of a buffer is read at its own place`() throws {
        let sealer = try GossipSender()
        let buffer = [9, 9] + sealer.seal([1]) + [9]
        #expect(try receiver.open(buffer[2..<(buffer.count - 1)]).payload == [1])
    }

    @Test func `every prefix is refused and keeps nothing`() throws {
        let sealer = try GossipSender()
        let datagram = sealer.seal([1, 2, 3])
        for count in 0..<datagram.count {
            let expected: GossipRefusal = count < 28 ? .truncated(count: count) : .badTag
            #expect(receiver.refusal(of: Array(datagram[..<count])) == expected)
        }
        #expect(receiver.refusal(of: datagram) == nil)
    }

    @Test func `every flipped bit is refused and keeps nothing`() throws {
        let sealer = try GossipSender()
        let datagram = sealer.seal([1, 2, 3])
        for bit in 0..<(datagram.count * 8) {
            var flipped = datagram
            flipped[bit / 8] ^= 1 << (bit % 8)
            switch receiver.refusal(of: flipped) {
            case .version: #expect(bit < 32)
            case .otherCluster: #expect((32..<96).contains(bit))
            case .badTag: #expect(bit >= 96)
            case let other: Issue.record("bit \(bit): \(String(describing: other))")
            }
        }
        #expect(receiver.refusal(of: datagram) == nil)
    }

    @Test func `another cluster is told apart from a forgery`() throws {
        let keyring = GossipWorld.keyring(cluster: Array("cluster-2".utf8))
        let stray = try GossipSender(keyring: keyring)
        #expect(receiver.refusal(of: stray.seal()) == .otherCluster(keyring.tag))
        let stranger = try GossipSender(keyring: GossipWorld.keyring([pattern(31)]))
        #expect(receiver.refusal(of: stranger.seal()) == .badTag)
    }

    @Test func `a datagram of the limit is opened and one byte more is not`() {
        let limit = GossipEnvelope.datagramBytesMax
        let datagram = GossipWorld.forge(afterTag: [1, 97] + [UInt8](repeating: 0, count: 1_170))
        #expect(datagram.count == limit)
        #expect(receiver.refusal(of: datagram) == nil)
        #expect(receiver.refusal(of: datagram + [0]) == .tooLong(count: limit + 1))
    }

    @Test func `an insider's nonsense is refused too`() {
        let forge = GossipWorld.forge
        #expect(receiver.refusal(of: forge([])) == .malformed(.truncated))
        #expect(receiver.refusal(of: forge([0])) == .malformed(.invalidValue))
        #expect(receiver.refusal(of: forge([1, 0x20])) == .malformed(.invalidValue))
        #expect(receiver.refusal(of: forge([1, 0xFF])) == .malformed(.invalidText))
        #expect(receiver.refusal(of: forge([2, 97])) == .malformed(.truncated))
        #expect(receiver.refusal(of: forge([1, 97] + pattern(15))) == .malformed(.truncated))
        #expect(receiver.refusal(of: forge([1, 97] + pattern(16))) == nil)
    }

    @Test func `every reason is another word`() {
        let refusals: [GossipRefusal] = [
            .truncated(count: 0), .tooLong(count: 0), .version(0), .otherCluster(ClusterTag(0)),
            .badTag, .malformed(.truncated), .replayed(sequence: 0),
            .olderIncarnation(Incarnation(0)),
        ]
        #expect(Set(refusals.map { "\($0.reason)" }).count == refusals.count)
    }
}
