import Glibc
import Placement
import Primitives
import Simulation

// What the pure parts cost, in processor time of this thread: `swift run -c release microbench`.
// Figures of one machine and one minute; compare two of them only when they ran side by side.

/// The processor time that `body` takes, in seconds.
func measured(_ body: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let begin = now()
    body()
    return now() - begin
}

/// `value` with one digit behind the point, right-aligned.
func figure(_ value: Double, _ unit: String) -> String {
    let tenths = Int((value * 10).rounded())
    let text = "\(tenths / 10).\(tenths % 10) \(unit)"
    return String(repeating: " ", count: max(0, 14 - text.count)) + text
}

func members(_ count: Int) -> [PlacementMember] {
    (0..<count).compactMap { NodeID("node-\($0)").map { PlacementMember(id: $0) } }
}

/// One lookup of an owner among 1,000 nodes, the hash of a 30-byte name included; and without it.
func benchmarkLookup() {
    let keys = (0..<1_000).compactMap { number in
        let digits = String(number + 1_000_000)
        return ObjectKey(className: "Room", name: "a-name-of-thirty-bytes-" + digits)
    }
    let key = PlacementKey(low: 1, high: 2)
    let view = PlacementView(
        epoch: Epoch(1),
        key: key,
        table: PlacementTable(members: members(1_000))
    )
    let partitions = keys.map { view.partition(of: $0) }
    var found = 0
    let rounds = 1_000
    let whole = measured {
        for _ in 0..<rounds { for key in keys where view.owner(of: key) != nil { found += 1 } }
    }
    let table = measured {
        for _ in 0..<rounds {
            for partition in partitions where view.table.owner(of: partition) != nil { found += 1 }
        }
    }
    precondition(found == 2 * rounds * keys.count, "every name has an owner")
    let count = Double(rounds * keys.count)
    print("placement, 1,000 nodes: owner of a name     ", figure(whole * 1e9 / count, "ns"))
    print("placement, 1,000 nodes: owner of a partition", figure(table * 1e9 / count, "ns"))
}

func benchmarkTables() {
    for count in [3, 10, 100, 1_000] {
        var table = PlacementTable(members: [])
        let fresh = measured { table = PlacementTable(members: members(count)) }
        guard let id = NodeID("newcomer") else { return }
        var joined = table
        let join = measured { joined = table.adding(PlacementMember(id: id)) }
        precondition(joined.members.count == count + 1, "the newcomer has joined")
        print(
            "placement, \(count) nodes: built anew",
            figure(fresh * 1e3, "ms"),
            "  one joins",
            figure(join * 1e3, "ms")
        )
    }
}

/// A thousand real membership machines of which ten die: virtual time over processor time.
func benchmarkMembership() {
    var nodes = SimulatedMembership(nodeCount: 1_000, seed: 1)
    let seconds = measured {
        nodes.run(for: .seconds(20))
        for victim in 100..<110 { nodes.inject(.powerLoss(victim)) }
        nodes.run(for: .seconds(40))
    }
    precondition(nodes.isConverged, "every survivor knows of the dead")
    print("membership, 1,000 machines: times real time ", figure(60 / seconds, "x"))
}

benchmarkLookup()
benchmarkTables()
benchmarkMembership()
