import Cluster
import Membership
import Placement
import Primitives

/// Some cluster machines on a network that delivers everything at once, in virtual time.
struct PerfectCluster {
    private(set) var now = Instant.zero
    /// Every placement that each machine has had, oldest first.
    private(set) var history: [[PlacementView]]
    private var machines: [ClusterMachine] = []
    private var wakes: [Instant]
    private var dead: Set<Int> = []
    private let ids: [NodeID]
    /// What is on its way, first come first served.
    private var inputs: [(index: Int, input: ClusterMachine.Input)] = []
    private var isDelivering = false

    init(count: Int, weights: [UInt16] = []) throws {
        ids = try (0..<count).map { index in
            guard let id = NodeID("node-\(index)") else { throw ByteError.invalidValue }
            return id
        }
        history = Array(repeating: [], count: count)
        wakes = Array(repeating: .zero, count: count)
        for index in 0..<count {
            let swim = SwimMachine(
                local: Member(
                    id: ids[index],
                    incarnation: Incarnation(1),
                    address: Self.address(index),
                    weight: weights.isEmpty ? 100 : weights[index]
                ),
                settings: SwimSettings(),
                seeds: [],
                randomSeed: UInt64(index),
                now: now
            )
            machines.append(ClusterMachine(swim: swim, key: PlacementKey(low: 1, high: 2)))
        }
        for index in 0..<count { step(index, .timerFired) }
    }

    private static func address(_ index: Int) -> SocketAddress {
        .loopback(port: UInt16(7_000 + index))
    }

    /// The placement of each machine that lives.
    var views: [PlacementView] {
        machines.indices.filter { !dead.contains($0) }.map { machines[$0].view }
    }

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
        for other in machines.indices where other != index { step(other, .linkDown(ids[index])) }
    }

    mutating func leave(_ index: Int) { step(index, .leave) }

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
            step(next, .timerFired)
        }
        return true
    }

    private mutating func link(_ first: Int, _ second: Int) {
        guard !dead.contains(first), !dead.contains(second) else { return }
        // Both ends know of a link before either uses it.
        inputs.append((first, .linkUp(ids[second], Incarnation(1), Self.address(second))))
        step(second, .linkUp(ids[first], Incarnation(1), Self.address(first)))
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
            case .placed(let view): history[index].append(view)
            case .membership(let action): perform(action, of: index)
            }
        }
    }

    private mutating func perform(_ action: SwimMachine.Action, of index: Int) {
        switch action {
        case .sendDatagram(let bytes, let address):
            let input = ClusterMachine.Input.datagramReceived(
                bytes[...],
                from: ids[index],
                incarnation: Incarnation(1),
                address: Self.address(index)
            )
            step(Int(address.port) - 7_000, input)
        case .sendStream(let bytes, let id):
            guard let target = ids.firstIndex(of: id) else { return }
            step(target, .streamReceived(bytes[...], from: ids[index]))
        case .wake(let instant): wakes[index] = instant
        case .contact(let address): link(index, Int(address.port) - 7_000)
        case .changed, .superseded: break
        }
    }
}
