import Primitives
import Testing

@testable import Node

@Suite struct DrainMachineTests {
    /// A drain in virtual time, with clients that go as they are told.
    struct Fixture {
        var machine = DrainMachine()
        var now = Instant(nanoseconds: 1_000_000_000)
        var facts: DrainMachine.Facts
        var log: [DrainMachine.Action] = []
        let start: Instant

        init(clients: Int, hasHandedOver: Bool = true) {
            start = now
            facts = DrainMachine.Facts(
                hasHandedOver: hasHandedOver,
                unasked: clients,
                connected: clients,
                hasLeft: false
            )
        }

        static func plan(
            rate: Int = 100,
            grace: Duration = .zero,
            time: Duration = .seconds(60),
            patience: Duration = .seconds(5)
        ) -> DrainPlan {
            DrainPlan(rate: rate, grace: grace, time: time, patience: patience)
        }

        /// What the last `undo` has brought about.
        var undone: [DrainMachine.Action] = []

        mutating func undo() { undone = machine.undo() }

        var elapsed: Duration { start.duration(to: now) }

        /// What is done now; who is sent away is gone at once, or never.
        mutating func step(_ time: Duration = .milliseconds(20), clientsGo: Bool = true) {
            now = now.advanced(by: time)
            for action in machine.advance(facts, now: now) {
                log.append(action)
                guard case .close(let count, _) = action else { continue }
                facts.unasked -= count
                if clientsGo { facts.connected -= count }
            }
        }

        mutating func run(until step: DrainMachine.Step, clientsGo: Bool = true) {
            for _ in 0..<100_000 where machine.step != step { self.step(clientsGo: clientsGo) }
        }
    }

    @Test func `a drain is done in order, and everything once`() {
        var drain = Fixture(clients: 2, hasHandedOver: false)
        drain.machine.begin(Fixture.plan(grace: .seconds(3)), now: drain.now)
        #expect(drain.machine.step == .grace)
        drain.step(.milliseconds(2_999))
        #expect(drain.log.isEmpty)
        drain.step(.milliseconds(1))
        #expect(drain.log == [.refuse, .handOver])
        drain.step()
        #expect(drain.log == [.refuse, .handOver])
        drain.facts.hasHandedOver = true
        drain.step()
        #expect(drain.log.dropFirst(2) == [.closeIdle, .close(1, isLast: false)])
        drain.step(.milliseconds(10))
        #expect(drain.log.last == .close(1, isLast: false))
        drain.step()
        #expect(drain.log.last == .leave)
        #expect(drain.machine.step == .leaving)
        drain.step()
        #expect(drain.log.last == .leave)
        drain.facts.hasLeft = true
        drain.step()
        #expect(drain.log.last == .end)
        let count = drain.log.count
        drain.step()
        #expect(drain.log.count == count)
    }

    @Test func `clients are sent away at the rate, and no quicker`() {
        var drain = Fixture(clients: 1_000)
        drain.machine.begin(Fixture.plan(rate: 100), now: drain.now)
        drain.step()
        for _ in 0..<50 { drain.step() }
        // A second is over.
        #expect((100...101).contains(1_000 - drain.facts.unasked))
        drain.run(until: .leaving)
        #expect((Duration.seconds(9)...Duration.seconds(11)).contains(drain.elapsed))
        let most = drain.log.compactMap { action -> Int? in
            if case .close(let count, _) = action { count } else { nil }
        }.max()
        #expect(most == 3)
    }

    @Test func `a rate that is too slow for the time is exceeded evenly`() {
        var drain = Fixture(clients: 1_000)
        drain.machine.begin(Fixture.plan(rate: 1, time: .seconds(12)), now: drain.now)
        drain.run(until: .leaving)
        // Two seconds are kept for the leaving.
        #expect((Duration.seconds(9)...Duration.seconds(10)).contains(drain.elapsed))
        for case .close(let count, let isLast) in drain.log where !isLast { #expect(count <= 3) }
    }

    @Test func `who never answers is waited for, but not for ever`() {
        var drain = Fixture(clients: 1)
        drain.machine.begin(Fixture.plan(patience: .seconds(5)), now: drain.now)
        drain.run(until: .leaving, clientsGo: false)
        #expect((Duration.seconds(5)...Duration.milliseconds(5_200)).contains(drain.elapsed))
    }

    @Test func `objects that do not go hold up nothing for ever`() {
        var drain = Fixture(clients: 3, hasHandedOver: false)
        drain.machine.begin(Fixture.plan(time: .seconds(6)), now: drain.now)
        drain.run(until: .closing)
        #expect((Duration.seconds(2)...Duration.milliseconds(2_100)).contains(drain.elapsed))
        drain.run(until: .leaving)
        for _ in 0..<400 { drain.step() }
        #expect(drain.log.last == .end)
        #expect(drain.log.count { $0 == .end } == 1)
        #expect(drain.facts.unasked == 0)
    }

    @Test func `no time at all sends everybody away at once`() {
        var drain = Fixture(clients: 7, hasHandedOver: false)
        drain.machine.begin(Fixture.plan(time: .zero), isFinal: true, now: drain.now)
        drain.step(.zero)
        drain.step(.zero)
        #expect(drain.log.contains(.close(7, isLast: true)))
        #expect(drain.log.last == .end)
    }

    @Test func `it can be undone until it leaves, and then begun anew`() {
        var drain = Fixture(clients: 100)
        drain.undo()
        #expect(drain.undone.isEmpty)
        drain.machine.begin(Fixture.plan(), now: drain.now)
        for _ in 0..<3 { drain.step() }
        #expect(drain.machine.canBeUndone)
        drain.undo()
        #expect(drain.undone == [.restore])
        #expect(drain.machine.step == nil)
        let count = drain.log.count
        drain.step()
        #expect(drain.log.count == count)
        drain.machine.begin(Fixture.plan(), now: drain.now)
        drain.run(until: .leaving)
        #expect(!drain.machine.canBeUndone)
        drain.undo()
        #expect(drain.undone.isEmpty)
    }

    @Test func `the end of the process hurries a drain, and cannot be undone`() {
        var drain = Fixture(clients: 1_000)
        drain.machine.begin(Fixture.plan(rate: 1, time: .seconds(600)), now: drain.now)
        for _ in 0..<50 { drain.step() }
        #expect(drain.facts.unasked > 900)
        drain.machine.begin(
            Fixture.plan(rate: 1, time: .milliseconds(4_800)),
            isFinal: true,
            now: drain.now
        )
        #expect(!drain.machine.canBeUndone)
        drain.undo()
        #expect(drain.undone.isEmpty)
        drain.run(until: .leaving)
        #expect(drain.elapsed < .milliseconds(1_000 + 4_800))
    }

    @Test func `after the others have let it go, the end of the process is not waited for`() {
        var drain = Fixture(clients: 0)
        drain.machine.begin(Fixture.plan(), now: drain.now)
        drain.run(until: .leaving)
        drain.facts.hasLeft = true
        drain.step()
        drain.machine.begin(Fixture.plan(time: .seconds(5)), isFinal: true, now: drain.now)
        drain.step()
        #expect(drain.log.suffix(2) == [.end, .end])
    }
}

@Suite struct ServiceRequestTests {
    @Test func `what is not said is as the node has it`() {
        var configuration = NodeConfiguration()
        configuration.drain.rate = 7
        configuration.drain.grace = .seconds(2)
        configuration.limit.closeTime = .seconds(1)
        let plan = ServiceRequest(.drain).plan(of: configuration)
        let expected = DrainPlan(
            rate: 7,
            grace: .seconds(2),
            time: DrainPlan.timeDefault,
            patience: .seconds(1)
        )
        #expect(plan == expected)
    }

    @Test(
        arguments: [
            ("0", nil, nil), ("1000001/s", nil, nil), ("5/m", nil, nil), ("-1", nil, nil),
            (nil, "301s", nil), (nil, "-1s", nil), (nil, nil, "999ms"), (nil, nil, "86401s"),
            (nil, nil, "5"),
        ] as [(String?, String?, String?)]
    )
    func `numbers that no drain can have are refused`(
        rate: String?,
        grace: String?,
        deadline: String?
    ) {
        let numbers = DrainNumbers(rate: rate, grace: grace, deadline: deadline)
        #expect(throws: DrainNumberError.self) { try numbers.request(.drain) }
    }

    @Test func `the limits themselves are good`() throws {
        for numbers in [
            DrainNumbers(rate: "1", grace: "0ms", deadline: "1s"),
            DrainNumbers(rate: "1000000/s", grace: "300s", deadline: "1440m"),
        ] {
            let request = try numbers.request(.drain)
            #expect(request.plan(of: NodeConfiguration()) != nil)
        }
    }

    @Test func `another node's numbers are looked at too`() {
        var request = ServiceRequest(.drain)
        request.rate = 0
        #expect(request.plan(of: NodeConfiguration()) == nil)
        request.rate = nil
        request.timeMilliseconds = .max
        #expect(request.plan(of: NodeConfiguration()) == nil)
        request.timeMilliseconds = -1
        #expect(request.plan(of: NodeConfiguration()) == nil)
    }
}

@Suite struct ServiceStatusTests {
    private var draining: ServiceStatus {
        var status = ServiceStatus(
            node: "node-3",
            state: .draining,
            partitions: 0,
            clients: 250
        )
        status.step = "closing"
        status.partitionsAtFirst = 21_840
        status.clientsAtFirst = 1_000
        status.secondsLeft = 61
        return status
    }

    @Test func `a drain is one line, and a bar on a terminal`() {
        let text = "node-3 drains, sending its clients away: partitions 0, clients 250"
        #expect(draining.text == text)
        #expect(draining.bar == "[#################...] \(text), 1m 1s at most")
    }

    @Test func `a name cannot move the cursor`() {
        var status = draining
        status.node = "\u{1B}[2J"
        #expect(status.text.hasPrefix("?[2J drains"))
    }

    @Test func `other states have no bar`() {
        for state in [ServiceStatus.State.serving, .cordoned, .left] {
            let status = ServiceStatus(node: "n", state: state, partitions: 1, clients: 2)
            #expect(status.bar == status.text)
        }
    }
}
