import Primitives
import Testing

@testable import Wire

@Suite struct GossipReplayTests {
    private let receiver = GossipReceiver()

    @Test func `the same datagram is opened once`() throws {
        let sealer = try GossipSender()
        let datagram = sealer.seal([1])
        #expect(receiver.refusal(of: datagram) == nil)
        #expect(receiver.refusal(of: datagram) == .replayed(sequence: 1))
    }

    @Test func `64 datagrams may arrive in reverse and one more may not`() throws {
        let sealer = try GossipSender()
        let datagrams = (1...65).map { sealer.seal([$0]) }
        for datagram in datagrams.dropFirst().reversed() {
            #expect(receiver.refusal(of: datagram) == nil)
        }
        #expect(receiver.refusal(of: datagrams[0]) == .replayed(sequence: 1))
    }

    @Test func `a new run of a sender starts anew and its old run is over`() throws {
        let old = try GossipSender(incarnation: 1)
        let new = try GossipSender(incarnation: 2)
        for _ in 0..<3 { #expect(receiver.refusal(of: old.seal()) == nil) }
        #expect(receiver.refusal(of: new.seal()) == nil)
        #expect(receiver.refusal(of: old.seal()) == .olderIncarnation(Incarnation(1)))
        #expect(receiver.refusal(of: new.seal()) == nil)
    }

    @Test func `senders do not share numbers`() throws {
        let first = try GossipSender("a")
        let second = try GossipSender("b")
        #expect(receiver.refusal(of: first.seal()) == nil)
        #expect(receiver.refusal(of: second.seal()) == nil)
    }

    @Test func `past the limit the sender that was silent longest is forgotten`() throws {
        let sealers = try ["a", "b", "c"].map { try GossipSender($0) }
        let first = sealers[0].seal()
        let second = sealers[1].seal()
        #expect(receiver.refusal(of: first) == nil)
        #expect(receiver.refusal(of: second) == nil)
        #expect(receiver.refusal(of: first) == .replayed(sequence: 1))
        #expect(receiver.refusal(of: sealers[0].seal()) == nil)
        #expect(receiver.refusal(of: sealers[2].seal()) == nil)
        #expect(receiver.refusal(of: first) == .replayed(sequence: 1))
        #expect(receiver.refusal(of: second) == nil, "b was evicted, so its window is gone")
    }

    @Test func `a replay does not make its sender look alive`() throws {
        let sealers = try ["a", "b", "c"].map { try GossipSender($0) }
        let first = sealers[0].seal()
        #expect(receiver.refusal(of: first) == nil)
        #expect(receiver.refusal(of: sealers[1].seal()) == nil)
        #expect(receiver.refusal(of: first) == .replayed(sequence: 1))
        #expect(receiver.refusal(of: sealers[2].seal()) == nil)
        #expect(receiver.refusal(of: first) == nil, "a was evicted, the longest silent")
    }
}
