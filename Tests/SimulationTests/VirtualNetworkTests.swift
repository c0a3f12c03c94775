import Primitives
import Simulation
import Testing

@Suite struct VirtualNetworkTests {
    private typealias Arrivals = VirtualNetwork.Arrivals

    private func network(
        seed: UInt64 = 1,
        _ change: (inout NetworkConditions) -> Void = { _ in }
    ) -> VirtualNetwork {
        var conditions = NetworkConditions()
        change(&conditions)
        return VirtualNetwork(conditions: conditions, seed: seed)
    }

    private func sample(_ network: inout VirtualNetwork, _ count: Int = 2_000) -> [Arrivals] {
        (0..<count).map { _ in network.datagramArrivals(from: 0, to: 1, at: .zero) }
    }

    @Test func `a datagram arrives once, within the delay`() {
        var network = network()
        for arrivals in sample(&network) {
            #expect(arrivals.second == nil)
            let delay = arrivals.first.map { Instant.zero.duration(to: $0) } ?? .zero
            #expect((.microseconds(500) ... .milliseconds(1)).contains(delay))
        }
    }

    @Test func `loss, duplication and straggling have their shares`() {
        var network = network {
            $0.loss = 0.2
            $0.duplication = 0.1
            $0.straggling = 0.3
        }
        let all = sample(&network)
        let lost = all.filter { $0.first == nil }.count
        let doubled = all.filter { $0.second != nil }.count
        let late = all.filter { ($0.first ?? .zero) > Instant(nanoseconds: 1_000_000) }.count
        #expect((350...450).contains(lost))
        #expect((120...200).contains(doubled))
        #expect((400...550).contains(late))
    }

    @Test func `the same seed gives the same fates`() {
        var first = network(seed: 9) { $0.loss = 0.5 }
        var second = network(seed: 9) { $0.loss = 0.5 }
        var third = network(seed: 10) { $0.loss = 0.5 }
        let fates = sample(&first)
        #expect(fates == sample(&second))
        #expect(fates != sample(&third))
    }

    @Test func `a stream loses nothing and keeps its order`() {
        var network = network { $0.loss = 0.5 }
        var latest = Instant.zero
        for _ in 0..<500 {
            let arrival = network.streamArrival(from: 0, to: 1, at: .zero)
            #expect((arrival ?? .zero) >= latest)
            latest = arrival ?? .zero
        }
        #expect(latest > .zero)
    }

    @Test func `only the same side of a partition is reached`() {
        var network = network()
        network.partition([[0, 1], [2]])
        let reached = (0..<5).map { target in
            network.datagramArrivals(from: 0, to: target, at: .zero).first != nil
        }
        #expect(reached == [true, true, false, false, false])
        #expect(network.passes(from: 3, to: 4))
        network.heal()
        #expect(network.passes(from: 0, to: 4))
    }

    @Test func `a cut goes one way for datagrams, and ends streams both ways`() {
        var network = network()
        network.cut(from: 0, to: 1)
        #expect(network.datagramArrivals(from: 0, to: 1, at: .zero) == Arrivals())
        #expect(network.datagramArrivals(from: 1, to: 0, at: .zero).first != nil)
        #expect(network.streamArrival(from: 1, to: 0, at: .zero) == nil)
        #expect(network.linkArrival(from: 1, to: 0, at: .zero) == nil)
    }

    @Test func `a node can lose everything while the others lose nothing`() {
        var network = network()
        network.setLoss(1, at: 1)
        #expect(sample(&network).allSatisfy { $0 == Arrivals() })
        #expect(network.datagramArrivals(from: 0, to: 2, at: .zero).first != nil)
    }

    @Test func `a link takes two round trips`() throws {
        var network = network()
        let arrival = network.linkArrival(from: 0, to: 1, at: .zero)
        let up = try #require(arrival)
        #expect((.milliseconds(2) ... .milliseconds(4)).contains(Instant.zero.duration(to: up)))
    }
}
