import Placement
import Primitives
import Testing

@testable import Cluster

/// When a process may show itself under its name.
@Suite struct AdmissionTests {
    private static let lease = Duration.seconds(2)
    private static let seeds = (1...3).map { SocketAddress.loopback(port: UInt16($0)) }
    private static let holder = SocketAddress.loopback(port: 99)

    private func ownership(
        at address: SocketAddress = .loopback(port: 9),
        seeds: [SocketAddress]?,
        comesBack: Bool
    ) throws -> OwnershipMachine {
        let run = NodeRun(id: try #require(NodeID("newcomer")), incarnation: Incarnation(9))
        let state = PersistentState(
            id: run.id,
            incarnation: Incarnation(8),
            view: .none(cluster: .none),
            promised: nil,
            accepted: nil
        )
        return OwnershipMachine(
            local: OwnershipMember(run: run, address: address),
            restored: comesBack ? state : nil,
            isPredecessorDead: false,
            bootstrap: Bootstrap(seeds: seeds, unique: 1, key: PlacementKey(low: 1, high: 2)),
            settings: OwnershipSettings(lease: Self.lease),
            randomSeed: 1,
            now: .zero
        )
    }

    private func admission(
        seeds: [SocketAddress]? = Self.seeds,
        comesBack: Bool = false
    ) throws -> Admission {
        Admission(try ownership(seeds: seeds, comesBack: comesBack))
    }

    private func at(_ milliseconds: Int64) -> Instant {
        Instant.zero.advanced(by: .milliseconds(milliseconds))
    }

    private func voter(_ number: Int) throws -> NodeID { try #require(NodeID("voter-\(number)")) }

    @Test func `a node without seeds asks nobody`() throws {
        var admission = try admission(seeds: [])
        #expect(admission.outcome(now: .zero) == .asking)
        admission.begin(now: .zero)
        #expect(admission.outcome(now: .zero) == .free)
    }

    @Test func `everybody is asked, and again after the interval`() throws {
        var admission = try admission()
        admission.begin(now: .zero)
        #expect(admission.due(now: .zero) == Self.seeds)
        let again = Instant.zero.advanced(by: Admission.askInterval)
        #expect(admission.askAt == again)
        #expect(admission.due(now: at(49)) == [])
        #expect(admission.due(now: again) == Self.seeds)
        let late = Instant.zero.advanced(by: Self.lease * 2)
        #expect(admission.due(now: late) == Self.seeds)
        #expect(admission.askAt == late.advanced(by: Admission.askIntervalLater))
    }

    @Test func `of many only so many are asked at once, the others next`() throws {
        let count = Admission.targetsMax + 1
        let many = (1...count).map { SocketAddress.loopback(port: UInt16(1_000 + $0)) }
        var admission = try admission(seeds: many)
        admission.begin(now: .zero)
        #expect(admission.due(now: .zero) == Array(many.prefix(Admission.targetsMax)))
        #expect(admission.due(now: at(50)).first == many.last)
    }

    @Test func `a majority of the voters lets it in, and one does not`() throws {
        var admission = try admission()
        admission.begin(now: .zero)
        for _ in 1...2 {
            admission.take(.free(voters: 3), of: try voter(1), at: Self.seeds[0], now: at(1))
            #expect(admission.outcome(now: at(1)) == .asking)
        }
        admission.take(.free(voters: 3), of: try voter(2), at: Self.seeds[1], now: at(1))
        #expect(admission.outcome(now: at(1)) == .free)
    }

    @Test func `one that comes back goes on where nobody answers, a newcomer does not`() throws {
        var newcomer = try admission()
        newcomer.begin(now: .zero)
        #expect(newcomer.outcome(now: at(3_600_000)) == .asking)
        var admission = try admission(comesBack: true)
        admission.begin(now: .zero)
        let end = Instant.zero.advanced(by: Admission.patience)
        #expect(admission.outcome(now: at(299)) == .asking)
        #expect(admission.outcome(now: end) == .free)
    }

    @Test func `nodes that are all new let each other in at once`() throws {
        var admission = try admission()
        admission.begin(now: .zero)
        for seed in Self.seeds {
            #expect(admission.outcome(now: .zero) == .asking)
            admission.take(.unknown, of: try voter(1), at: seed, now: .zero)
        }
        #expect(admission.outcome(now: .zero) == .free)
    }

    @Test func `a majority of the founders lets a founder in, and nobody else`() throws {
        let list = Self.seeds + [.loopback(port: 4)]
        var founder = Admission(try ownership(at: list[0], seeds: nil, comesBack: false))
        var other = Admission(try ownership(seeds: nil, comesBack: false))
        for address in list[1...] {
            founder.meet([address], now: .zero)
            founder.take(.unknown, of: try voter(1), at: address, now: .zero)
            #expect(founder.outcome(now: .zero) == .asking)
        }
        founder = Admission(try ownership(at: list[0], seeds: list, comesBack: false))
        founder.begin(now: .zero)
        other.meetAll(list, of: try ownership(seeds: nil, comesBack: false), now: .zero)
        for (number, address) in list[1...2].enumerated() {
            #expect(founder.outcome(now: .zero) == .asking)
            for _ in 0...1 {
                founder.take(.unknown, of: try voter(number), at: address, now: .zero)
                other.take(.unknown, of: try voter(number), at: address, now: .zero)
            }
        }
        #expect(founder.outcome(now: .zero) == .free)
        #expect(other.outcome(now: .zero) == .asking)
    }

    @Test func `a lease that goes on for longer than a dead run's could keeps it out`() throws {
        var admission = try admission()
        admission.begin(now: .zero)
        for time in stride(from: 0, through: 2_999, by: 50) as StrideThrough<Int64> {
            admission.take(
                .held(by: Self.holder),
                of: try voter(1),
                at: Self.seeds[0],
                now: at(time)
            )
            #expect(admission.outcome(now: at(time)) == .asking)
        }
        admission.take(.held(by: Self.holder), of: try voter(1), at: Self.seeds[0], now: at(3_000))
        #expect(admission.outcome(now: at(3_000)) == .held(by: Self.holder))
    }

    @Test func `a lease that ends lets it in`() throws {
        var admission = try admission()
        admission.begin(now: .zero)
        for number in 1...2 {
            admission.take(
                .held(by: Self.holder),
                of: try voter(number),
                at: Self.seeds[0],
                now: at(1_900)
            )
        }
        #expect(admission.outcome(now: at(1_990)) == .asking)
        for number in 1...2 {
            admission.take(
                .free(voters: 3),
                of: try voter(number),
                at: Self.seeds[0],
                now: at(2_000)
            )
        }
        #expect(admission.outcome(now: at(2_000)) == .free)
    }

    @Test func `who said that it is held and then nothing is waited for as long as a lease`() throws
    {
        for comesBack in [true, false] {
            var admission = try admission(comesBack: comesBack)
            admission.begin(now: .zero)
            admission.take(.held(by: Self.holder), of: try voter(1), at: Self.seeds[0], now: at(10))
            #expect(admission.outcome(now: at(2_009)) == .asking)
            // What holds it may be alive, and this one be cut off from it.
            #expect(admission.outcome(now: at(2_010)) == (comesBack ? .free : .asking))
        }
    }

    @Test func `seeds that are not found yet are not waited for for ever`() throws {
        var admission = try admission(seeds: nil, comesBack: true)
        admission.begin(now: .zero)
        #expect(admission.askAt == nil)
        #expect(admission.outcome(now: at(10_000)) == .asking)
        admission.meet([], now: at(10_000))
        #expect(admission.outcome(now: at(10_000)) == .asking)
        #expect(admission.outcome(now: at(10_300)) == .free)
    }
}
