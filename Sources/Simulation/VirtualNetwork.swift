package import Primitives

/// How the network treats what crosses it.
package struct NetworkConditions: Equatable, Sendable {
    /// One way; drawn evenly for each message.
    package var delayMin: Duration = .microseconds(500)
    package var delayMax: Duration = .milliseconds(1)
    /// The share of datagrams that are lost; streams get through later, as with TCP.
    package var loss = 0.0
    /// The share of datagrams that arrive twice.
    package var duplication = 0.0
    /// The share of datagrams that are late by up to `straggleMax`, so that others overtake them.
    package var straggling = 0.0
    package var straggleMax: Duration = .milliseconds(50)
    /// After so long a link that is cut breaks at both ends.
    package var linkTimeout: Duration = .seconds(5)
    /// How long TCP waits before it sends a lost segment again, the first time.
    package var retransmission: Duration = .milliseconds(200)

    package init() {}
}

/// The fate of messages between numbered endpoints: when each arrives, if it does.
///
/// It carries no payload. The simulation asks, and schedules what it likes for the answer, so any
/// protocol can run over it.
package struct VirtualNetwork: Sendable {
    /// When a datagram arrives: never, once, or twice.
    package struct Arrivals: Equatable, Sendable {
        package var first: Instant?
        package var second: Instant?

        package init(first: Instant? = nil, second: Instant? = nil) {
            self.first = first
            self.second = second
        }
    }

    private struct Route: Hashable {
        let source: Int
        let target: Int
    }

    package var conditions: NetworkConditions
    private var generator: SplitMix64
    /// The side of a partition on which an endpoint is; by default all are on side 0.
    private var sides: [Int: Int] = [:]
    private var cuts: Set<Route> = []
    private var endpointLoss: [Int: Double] = [:]
    /// Streams keep their order: nothing arrives before what was sent earlier.
    private var latestStreamArrival: [Route: Instant] = [:]

    package init(conditions: NetworkConditions, seed: UInt64) {
        self.conditions = conditions
        generator = SplitMix64(seed: seed)
    }

    /// When the copies of one datagram arrive: none when it is lost, two when it is doubled.
    package mutating func datagramArrivals(
        from source: Int,
        to target: Int,
        at now: Instant
    ) -> Arrivals {
        guard passes(from: source, to: target), !happens(loss(source, target)) else {
            return Arrivals()
        }
        let first = now.advanced(by: datagramDelay())
        guard happens(conditions.duplication) else { return Arrivals(first: first) }
        return Arrivals(first: first, second: now.advanced(by: datagramDelay()))
    }

    /// Nil when the route is cut.
    ///
    /// A segment that is lost comes with the first repetition that gets through.
    package mutating func streamArrival(
        from source: Int,
        to target: Int,
        at now: Instant
    ) -> Instant? {
        guard var arrival = segmentArrival(from: source, to: target, at: now) else { return nil }
        let route = Route(source: source, target: target)
        if let latest = latestStreamArrival[route], latest > arrival { arrival = latest }
        latestStreamArrival[route] = arrival
        return arrival
    }

    /// The same without regard to what was sent earlier: the caller keeps the order of each stream.
    package mutating func segmentArrival(
        from source: Int,
        to target: Int,
        at now: Instant
    ) -> Instant? {
        guard passes(from: source, to: target), passes(from: target, to: source) else { return nil }
        return now.advanced(by: delay() + retransmissionDelay(source, target))
    }

    /// When a new link between two endpoints is up, or nil when they cannot reach each other.
    package mutating func linkArrival(
        from source: Int,
        to target: Int,
        at now: Instant
    ) -> Instant? {
        // The handshakes of TCP and of the link: two round trips.
        var arrival = now
        for leg in 0..<4 {
            let ends = leg.isMultiple(of: 2) ? (source, target) : (target, source)
            guard let next = streamArrival(from: ends.0, to: ends.1, at: arrival) else {
                return nil
            }
            arrival = next
        }
        return arrival
    }
}

// MARK: - Faults

extension VirtualNetwork {
    /// Only endpoints in the same group reach each other; those in no group form one more.
    package mutating func partition(_ groups: [[Int]]) {
        sides = [:]
        for (index, group) in groups.enumerated() {
            for endpoint in group { sides[endpoint] = index + 1 }
        }
    }

    /// Nothing goes from `source` to `target` any more; the other way is untouched.
    package mutating func cut(from source: Int, to target: Int) {
        cuts.insert(Route(source: source, target: target))
    }

    /// Datagrams from and to this endpoint have this loss, if it is greater than the usual one.
    package mutating func setLoss(_ loss: Double, at endpoint: Int) {
        endpointLoss[endpoint] = loss
    }

    /// Ends all partitions, cuts and losses of single endpoints.
    package mutating func heal() {
        sides = [:]
        cuts = []
        endpointLoss = [:]
    }

    /// False while a partition or a cut lies between the two.
    package func passes(from source: Int, to target: Int) -> Bool {
        (sides.isEmpty || sides[source] == sides[target])
            && (cuts.isEmpty || !cuts.contains(Route(source: source, target: target)))
    }
}

// MARK: - Chance

extension VirtualNetwork {
    private mutating func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &generator) < probability
    }

    private func loss(_ source: Int, _ target: Int) -> Double {
        guard !endpointLoss.isEmpty else { return conditions.loss }
        return max(conditions.loss, endpointLoss[source] ?? 0, endpointLoss[target] ?? 0)
    }

    private mutating func delay() -> Duration {
        draw(conditions.delayMin, conditions.delayMax)
    }

    private mutating func datagramDelay() -> Duration {
        let plain = delay()
        return happens(conditions.straggling) ? plain + draw(.zero, conditions.straggleMax) : plain
    }

    private mutating func draw(_ low: Duration, _ high: Duration) -> Duration {
        .nanoseconds(Int64.random(in: low.nanoseconds...high.nanoseconds, using: &generator))
    }

    private mutating func retransmissionDelay(_ source: Int, _ target: Int) -> Duration {
        let loss = loss(source, target)
        var wait = conditions.retransmission
        var total = Duration.zero
        // TCP doubles its patience each time; after ten times it would give up.
        for _ in 0..<10 {
            guard happens(loss) else { break }
            total += wait
            wait *= 2
        }
        return total
    }
}
