import Cluster
import Membership
import Placement
import Primitives

/// Some cluster machines on a network that delivers everything at once, in virtual time.
struct PerfectCluster {
    private(set) var now = Instant.zero
    /// Every placement that each machine has had, oldest first.
    private(set) var history: [[ClusterMachine.Placement]]
    /// What each machine was last told to run.
    private(set) var running: [PartitionSet]
    /// By node: what its sessions are said to wait for, by owner.
    var missing: [[NodeID: PartitionSet]]
    let ids: [NodeID]
    private var machines: [ClusterMachine] = []
    private var wakes: [Instant]
    /// How often each machine was woken by its timer.
    private(set) var wakeCounts: [Int]
    private var dead: Set<Int> = []
    /// What is on its way, first come first served.
    private var inputs: [(index: Int, input: ClusterMachine.Input)] = []
    private var isDelivering = false

    init(count: Int, weights: [UInt16] = []) throws {
        ids = try (0..<count).map { index in
            guard let id = NodeID("node-\(index)") else { throw ByteError.invalidValue }
            return id
        }
        history = Array(repeating: [], count: count)
        running = Array(repeating: PartitionSet(), count: count)
        missing = Array(repeating: [:], count: count)
        wakes = Array(repeating: .zero, count: count)
        wakeCounts = Array(repeating: 0, count: count)
        for index in 0..<count {
            let weight = weights.isEmpty ? 100 : weights[index]
            machines.append(
                ClusterMachine(
                    swim: Self.swim(ids[index], index, weight),
                    ownership: Self.ownership(ids[index], index, weight, count: count)
                )
            )
        }
        for index in 0..<count { step(index, .timerFired) }
    }

    private static func address(_ index: Int) -> SocketAddress {
        .loopback(port: UInt16(7_000 + index))
    }

    private static func swim(_ id: NodeID, _ index: Int, _ weight: UInt16) -> SwimMachine {
        SwimMachine(
            local: Member(
                id: id,
                incarnation: Incarnation(1),
                address: address(index),
                weight: weight
            ),
            settings: SwimSettings(),
            seeds: [],
            randomSeed: UInt64(index),
            now: .zero
        )
    }

    private static func ownership(
        _ id: NodeID,
        _ index: Int,
        _ weight: UInt16,
        count: Int
    ) -> OwnershipMachine {
        OwnershipMachine(
            local: OwnershipMember(
                run: NodeRun(id: id, incarnation: Incarnation(1)),
                address: address(index),
                weight: weight
            ),
            restored: nil,
            isPredecessorDead: false,
            bootstrap: Bootstrap(
                seeds: count == 1 ? [] : (0..<count).map(address),
                unique: 7,
                key: PlacementKey(low: 1, high: 2)
            ),
            settings: OwnershipSettings(),
            randomSeed: UInt64(index),
            now: .zero
        )
    }

    /// The placement of each machine that lives.
    var views: [PlacementView] {
        machines.indices.filter { !dead.contains($0) }.map { machines[$0].view }
    }

    func machine(_ index: Int) -> ClusterMachine { machines[index] }

    func owners(at index: Int) -> Set<NodeID> {
        let table = machines[index].view.table
        return Set((0...UInt16.max).compactMap { table.owner(of: PartitionID($0)) })
    }

    func status(of other: Int, at index: Int) -> MemberStatus? {
        machines[index].swim.member(ids[other])?.status
    }

    /// Links every machine with every other.
    mutating func meet() {
        for first in machines.indices {
            for second in machines.indices where first < second { link(first, second) }
        }
    }

    mutating func kill(_ index: Int) {
        dead.insert(index)
        for other in machines.indices where other != index {
            step(other, .membership(.linkDown(ids[index])))
        }
    }

    mutating func leave(_ index: Int) {
        step(index, .ownership(.leave))
        step(index, .membership(.leave))
    }

    /// Tells a machine what its sessions wait for now.
    mutating func count(_ index: Int) {
        let epoch = machines[index].view.epoch
        step(index, .sessionsCounted(epoch, missing: missing[index]))
    }

    /// Gives a machine an input, and all that follows from it.
    mutating func give(_ index: Int, _ input: ClusterMachine.Input) { step(index, input) }

    mutating func run(for duration: Duration) { run(atMost: duration) { _ in false } }

    /// True when `condition` came to hold.
    @discardableResult
    mutating func run(atMost duration: Duration, until condition: (Self) -> Bool) -> Bool {
        let end = now.advanced(by: duration)
        while !condition(self) {
            let living = machines.indices.filter { !dead.contains($0) }
            guard let next = living.min(by: { wakes[$0] < wakes[$1] }), wakes[next] <= end else {
                now = end
                return false
            }
            now = max(now, wakes[next])
            wakeCounts[next] += 1
            step(next, .timerFired)
        }
        return true
    }

    private mutating func link(_ first: Int, _ second: Int) {
        guard !dead.contains(first), !dead.contains(second) else { return }
        // Both ends know of a link before either uses it.
        inputs.append((first, linkUp(second)))
        step(second, linkUp(first))
    }

    private func linkUp(_ index: Int) -> ClusterMachine.Input {
        .membership(.linkUp(ids[index], Incarnation(1), Self.address(index)))
    }

    /// A step inside of a step waits for its turn, as on a network.
    private mutating func step(_ index: Int, _ input: ClusterMachine.Input) {
        inputs.append((index, input))
        guard !isDelivering else { return }
        isDelivering = true
        var done = 0
        while done < inputs.count {
            take(inputs[done].input, at: inputs[done].index)
            done += 1
        }
        inputs = []
        isDelivering = false
    }

    private mutating func take(_ input: ClusterMachine.Input, at index: Int) {
        guard !dead.contains(index) else { return }
        var actions: [ClusterMachine.Action] = []
        machines[index].handle(input, now: now, actions: &actions)
        for action in actions {
            switch action {
            case .pause: take(.resumed, at: index)
            case .placed(let placement): history[index].append(placement)
            case .running(let partitions): running[index] = partitions
            case .countSessions(let epoch):
                step(index, .sessionsCounted(epoch, missing: missing[index]))
            case .sendRollCall(let message, let id):
                guard let target = ids.firstIndex(of: id) else { continue }
                step(target, .rollCall(message, from: ids[index]))
            case .wake(let instant): wakes[index] = instant
            case .inquire(let bytes, let address):
                let input = ClusterMachine.Input.inquiry(bytes[...], at: Self.address(index))
                step(Int(address.port) - 7_000, input)
            case .clockDrifts, .named, .denied: break
            case .membership(let action): perform(action, of: index)
            case .ownership(let action): perform(action, of: index)
            }
        }
    }

    private mutating func perform(_ action: SwimMachine.Action, of index: Int) {
        switch action {
        case .sendDatagram(let bytes, let address):
            let input = SwimMachine.Input.datagramReceived(
                bytes[...],
                from: ids[index],
                incarnation: Incarnation(1),
                address: Self.address(index)
            )
            step(Int(address.port) - 7_000, .membership(input))
        case .sendStream(let bytes, let id):
            guard let target = ids.firstIndex(of: id) else { return }
            step(target, .membership(.streamReceived(bytes[...], from: ids[index])))
        case .contact(let address): link(index, Int(address.port) - 7_000)
        case .wake, .changed, .superseded: break
        }
    }

    private mutating func perform(_ action: OwnershipMachine.Action, of index: Int) {
        switch action {
        case .send(let bytes, _, let address, _):
            let input = OwnershipMachine.Input.received(
                bytes[...],
                from: ids[index],
                at: Self.address(index)
            )
            step(Int(address.port) - 7_000, .ownership(input))
        case .persist(_, let number): step(index, .ownership(.persisted(number)))
        case .stop(let partitions): step(index, .ownership(.drained(partitions)))
        case .entered, .leased, .frozen, .reconsider, .renamed, .left, .superseded, .refused,
            .wake:
            break
        }
    }
}
