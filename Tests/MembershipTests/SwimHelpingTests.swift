import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimHelpingTests {
    private static func request(for name: String, wait: UInt16 = 240) -> SwimMessage {
        SwimMessage(.pingRequest(sequence: 7, waitMilliseconds: wait, target: node(name)))
    }

    @Test func `a ping is answered to where it came from`() {
        var harness = Harness(knowing: ["b"])
        #expect(
            harness.hear(SwimMessage(.ping(sequence: 5)), from: "b") == [
                .datagram(SwimMessage(.ack(sequence: 5)), to: "b")
            ]
        )
    }

    @Test func `the answer to a ping for another is passed on`() throws {
        var harness = Harness(knowing: ["b", "c"])
        let effects = harness.hear(Self.request(for: "c"), from: "b")
        let sequence = try #require(effects.pingSequence)
        #expect(effects == [.datagram(SwimMessage(.ping(sequence: sequence)), to: "c")])
        #expect(harness.hear(SwimMessage(.ack(sequence: sequence)), from: "b") == [])
        #expect(
            harness.hear(SwimMessage(.ack(sequence: sequence)), from: "c") == [
                .datagram(SwimMessage(.ack(sequence: 7)), to: "b")
            ]
        )
        #expect(harness.hear(SwimMessage(.ack(sequence: sequence)), from: "c") == [])
    }

    @Test func `a target that does not answer in time is said no to, once`() {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.hear(Self.request(for: "c", wait: 20), from: "b")
        let no = Effect.datagram(SwimMessage(.nack(sequence: 7)), to: "b")
        #expect(!harness.run(for: .milliseconds(19)).contains(no))
        #expect(harness.run(for: .milliseconds(1)).contains(no))
        #expect(!harness.run(for: .milliseconds(400)).contains(no))
    }

    @Test func `a target that is not known is said no to at once`() {
        var harness = Harness(knowing: ["b"])
        let no = Effect.datagram(SwimMessage(.nack(sequence: 7)), to: "b")
        #expect(harness.hear(Self.request(for: "x"), from: "b") == [no])
        #expect(harness.hear(Self.request(for: "a"), from: "b") == [no])
        #expect(harness.machine.tally["ping request: unknown target"] == 2)
    }

    @Test func `the last place for a request is given, and one more is dropped`() {
        var harness = Harness(knowing: ["b", "c"])
        for _ in 0..<64 {
            #expect(harness.hear(Self.request(for: "c"), from: "b").pinged == ["c"])
        }
        #expect(harness.hear(Self.request(for: "c"), from: "b") == [])
        #expect(harness.machine.relays.count == 64)
        #expect(harness.machine.tally["ping request: too many"] == 1)
    }
}
