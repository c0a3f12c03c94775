import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimContactTests {
    @Test func `a node alone calls up to three seeds each second, and never itself`() {
        var harness = Harness(seeds: ["a", "b", "c", "d", "e"])
        for _ in 0..<20 {
            let contacts = harness.run(for: .seconds(1)).contacts
            #expect(Set(contacts).count == 3)
            #expect(!contacts.contains("a"))
        }
    }

    @Test func `seeds where a live member is are left alone`() {
        var harness = Harness(knowing: ["b"], seeds: ["a", "b", "c"])
        var contacts: [String] = []
        for _ in 0..<60 {
            _ = harness.step(.linkUp(node("b"), Incarnation(1), address("b")))
            contacts += harness.run(for: .milliseconds(500)).contacts
            _ = harness.step(.linkHeard(node("b")))
        }
        #expect(contacts == ["c", "c", "c"])
    }

    @Test func `a dead member is called for a week and no longer`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.run(for: .seconds(10))
        #expect(harness.status(of: "b") == .dead)
        #expect(harness.run(for: .seconds(60)).contacts == Array(repeating: "b", count: 60))
        _ = harness.step(.timerFired, after: .seconds(7 * 24 * 3_600))
        #expect(harness.run(for: .seconds(60)).contacts == [])
    }

    @Test func `a member that left is not called`() {
        var harness = Harness(knowing: ["b"])
        let left = SwimMessage(.gossip, updates: [news("b", .left)])
        _ = harness.hear(left, from: "c")
        #expect(harness.run(for: .seconds(60)).contacts == [])
    }

    @Test func `a node calls those that it remembers as long as it is alone`() {
        var harness = Harness(seeds: ["b"])
        harness.machine.remember(["a", "b", "c"].map(address))
        #expect(Set(harness.run(for: .seconds(1)).contacts) == ["b", "c"])
        var acquainted = Harness(knowing: ["b"], seeds: ["b"])
        acquainted.machine.remember(["b", "c"].map(address))
        for _ in 0..<60 {
            _ = acquainted.step(.linkUp(node("b"), Incarnation(1), address("b")))
            #expect(acquainted.run(for: .milliseconds(500)).contacts == [])
            _ = acquainted.step(.linkHeard(node("b")))
        }
    }

    @Test func `new seeds are called at once by a node alone, the same ones are not`() {
        var harness = Harness()
        let input = SwimMachine.Input.seedsResolved([address("b")])
        #expect(harness.step(input) == [.contact("b")])
        #expect(harness.step(input) == [])
    }

    @Test func `the last seed is kept, and one more is not; so it is with whom it remembers`() {
        var settings = SwimSettings()
        settings.seedsMax = 2
        var harness = Harness(seeds: ["b", "c", "d"], settings: settings)
        #expect(harness.machine.seeds == ["b", "c"].map(address))
        _ = harness.step(.seedsResolved(["e", "f", "g"].map(address)))
        #expect(harness.machine.seeds == ["e", "f"].map(address))
        harness.machine.remember(["b", "c", "d"].map(address))
        #expect(harness.machine.remembered == ["b", "c"].map(address))
    }
}
