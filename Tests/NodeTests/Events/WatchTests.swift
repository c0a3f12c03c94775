import Primitives
import Testing

@testable import Node

@Suite struct ImpossibleWatchTests {
    private func node(
        _ number: Int,
        epoch: UInt64,
        ring: String = "aa",
        uptime: Double = 100,
        run: UInt64? = 1
    ) -> NodeReport {
        var figures = NodeReport.Figures(
            version: "1",
            uptimeSeconds: uptime,
            epoch: epoch,
            ringHash: ring
        )
        figures.incarnation = run
        return NodeReport(name: "node-\(number)", figures: figures)
    }

    @Test func `a process that goes back to an earlier view is found once`() {
        var watch = ImpossibleWatch()
        #expect(watch.hear([node(1, epoch: 7), node(2, epoch: 7)]) == [])
        #expect(watch.hear([node(1, epoch: 8), node(2, epoch: 7)]) == [])
        let back = ImpossibleWatch.Finding.epochWentBack(node: "node-1", from: 8, to: 7)
        #expect(watch.hear([node(1, epoch: 7, uptime: 101), node(2, epoch: 7)]) == [back])
        #expect(watch.hear([node(1, epoch: 7, uptime: 102)]) == [])
    }

    @Test func `a process that was started later may have forgotten`() {
        var watch = ImpossibleWatch()
        #expect(watch.hear([node(1, epoch: 7)]) == [])
        #expect(watch.hear([node(1, epoch: 0, uptime: 200, run: 2)]) == [])
        #expect(watch.hear([NodeReport(name: "node-1", figures: nil)]) == [])
        #expect(watch.hear([node(1, epoch: 1, uptime: 205, run: 2)]) == [])
        // One that does not say which it is, and an answer that was given before another one.
        #expect(watch.hear([node(1, epoch: 0, uptime: 206, run: nil)]) == [])
        #expect(watch.hear([node(1, epoch: 0, uptime: 201, run: 2)]) == [])
    }

    @Test func `two nodes with other owners in one view are found`() {
        var watch = ImpossibleWatch()
        // Before the first view there are no owners, and other views have others.
        #expect(watch.hear([node(1, epoch: 0, ring: "aa"), node(2, epoch: 0, ring: "bb")]) == [])
        #expect(watch.hear([node(1, epoch: 3, ring: "aa"), node(2, epoch: 4, ring: "bb")]) == [])
        let found = watch.hear([node(1, epoch: 4, ring: "aa"), node(2, epoch: 4, ring: "bb")])
        #expect(found == [.twoRings(epoch: 4, nodes: ["node-1", "node-2"])])
    }

    private let key = ObjectKey(className: "Echo", name: "a")

    /// A look at an instance that took from `second` to the next one.
    private func sighting(
        _ node: Int,
        since: UInt64,
        at second: Int64
    ) throws -> ImpossibleWatch.Sighting {
        let asked = Instant.zero.advanced(by: .seconds(second))
        return ImpossibleWatch.Sighting(
            key: try #require(key),
            node: "node-\(node)",
            since: since,
            asked: asked,
            answered: asked.advanced(by: .seconds(1))
        )
    }

    @Test func `two instances that both outlast a second look are two owners`() throws {
        var watch = ImpossibleWatch()
        for node in 1...2 { #expect(watch.see(try sighting(node, since: 5, at: 0)) == []) }
        #expect(watch.see(try sighting(1, since: 5, at: 10)) == [])
        let found = watch.see(try sighting(2, since: 5, at: 10))
        #expect(found == [.twoOwners(try #require(key), nodes: ["node-1", "node-2"])])
        #expect(watch.see(try sighting(2, since: 5, at: 20)) == [])
    }

    @Test func `an object that moves between two looks is no finding`() throws {
        var watch = ImpossibleWatch()
        // One list may see it here and there, for it asks each node at another moment.
        for node in 1...2 { #expect(watch.see(try sighting(node, since: 5, at: 0)) == []) }
        for second in 1..<5 {
            #expect(watch.see(try sighting(2, since: 5, at: 10 * Int64(second))) == [])
        }
        // It comes back as another instance, and goes again.
        #expect(watch.see(try sighting(1, since: 50, at: 60)) == [])
        #expect(watch.see(try sighting(1, since: 50, at: 70)) == [])
        #expect(watch.see(try sighting(2, since: 75, at: 80)) == [])
        #expect(watch.see(try sighting(2, since: 75, at: 90)) == [])
    }

    @Test func `of more objects than there is room for the earliest are forgotten`() throws {
        var watch = ImpossibleWatch()
        for node in 1...2 { _ = watch.see(try sighting(node, since: 5, at: 0)) }
        _ = watch.see(try sighting(1, since: 5, at: 10))
        for number in 0..<ImpossibleWatch.objectsMax {
            let other = ImpossibleWatch.Sighting(
                key: try #require(ObjectKey(className: "Echo", name: "other-\(number)")),
                node: "node-1",
                since: 1,
                asked: .zero,
                answered: .zero
            )
            _ = watch.see(other)
        }
        #expect(watch.see(try sighting(2, since: 5, at: 10)) == [])
    }

    @Test func `so many different findings are told`() {
        var watch = ImpossibleWatch()
        var count = 0
        for epoch in 1...UInt64(ImpossibleWatch.findingsMax + 1) {
            let nodes = [node(1, epoch: epoch), node(2, epoch: epoch, ring: "bb")]
            count += watch.hear(nodes).count
        }
        #expect(count == ImpossibleWatch.findingsMax)
    }
}

@Suite struct AgreementWatchTests {
    private let view = StatusReport.View(
        epoch: 7,
        ringHash: "aa",
        members: 2,
        voters: ["node-1"],
        converged: false
    )

    private func nodes(_ first: UInt64 = 7, second epoch: UInt64?) -> [NodeReport] {
        [("node-1", first), ("node-2", epoch)].map { name, epoch in
            guard let epoch else { return NodeReport(name: name, figures: nil) }
            var figures = NodeReport.Figures(
                version: "1",
                uptimeSeconds: 1,
                epoch: epoch,
                ringHash: "aa"
            )
            (figures.stableEpoch, figures.leaseMilliseconds) = (epoch, 1_000)
            return NodeReport(name: name, figures: figures)
        }
    }

    @Test func `it says since when, and who does not agree`() {
        var watch = AgreementWatch()
        #expect(watch.look(nodes(second: 7), view, at: 1_000) == nil)
        #expect(watch.look(nodes(second: 7), view, at: 2_000) == nil)
        #expect(watch.latest == Agreement(converged: true, since: 1_000, disagreeing: []))
        _ = watch.look(nodes(second: 6), view, at: 3_000)
        _ = watch.look(nodes(second: nil), view, at: 4_000)
        #expect(watch.latest == Agreement(converged: false, since: 3_000, disagreeing: ["node-2"]))
        _ = watch.look(nodes(second: 7), view, at: 5_000)
        #expect(watch.latest == Agreement(converged: true, since: 5_000, disagreeing: []))
        // Nobody has looked while they went to the next view.
        var next = view
        next.epoch = 8
        _ = watch.look(nodes(8, second: 8), next, at: 9_000)
        #expect(watch.latest == Agreement(converged: true, since: 9_000, disagreeing: []))
    }

    @Test func `only what lasts is an event, and so is its end`() {
        var watch = AgreementWatch()
        let patience = AgreementWatch.patienceMilliseconds
        #expect(watch.look(nodes(second: 7), view, at: 0) == nil)
        #expect(watch.look(nodes(second: 6), view, at: 1_000) == nil)
        #expect(watch.look(nodes(second: 6), view, at: 1_000 + patience - 1) == nil)
        #expect(watch.look(nodes(second: 7), view, at: 5_000) == nil)
        #expect(watch.look(nodes(second: 6), view, at: 10_000) == nil)
        let gone = watch.look(nodes(second: 6), view, at: 10_000 + patience)
        let lost = Agreement(converged: false, since: 10_000, disagreeing: ["node-2"])
        #expect(gone == .disagreed(lost))
        #expect(watch.look(nodes(second: 6), view, at: 20_000) == nil)
        let back = Agreement(converged: true, since: 30_000, disagreeing: [])
        #expect(watch.look(nodes(second: 7), view, at: 30_000) == .agreed(back))
        #expect(watch.look(nodes(second: 7), view, at: 40_000) == nil)
    }
}

@Suite struct RefusalWatchTests {
    private func at(_ seconds: Int64) -> Instant { .zero.advanced(by: .seconds(seconds)) }

    @Test func `a flood is one event in so long`() {
        var watch = RefusalWatch()
        // What there was before is not news, nor is what is no refusal.
        #expect(watch.look(["slow_consumer": 5], at: at(0)) == nil)
        #expect(watch.look(["slow_consumer": 5, "stall": 9], at: at(1)) == nil)
        #expect(watch.look(["slow_consumer": 7], at: at(2)) == ["slow_consumer": 2])
        #expect(watch.look(["slow_consumer": 900, "bad-tag": 3], at: at(11)) == nil)
        let more = watch.look(["slow_consumer": 1_000, "bad-tag": 4], at: at(12))
        #expect(more == ["slow_consumer": 993, "bad-tag": 4])
        #expect(watch.look(["slow_consumer": 1_000, "bad-tag": 4], at: at(30)) == nil)
    }
}
