import Glibc
import Placement
import Primitives
import Simulation

// What the pure parts cost, in processor time of this thread: `swift run -c release microbench`, or
// with the names of some parts behind it: `placement`, `membership`, `links`.
// Figures of one machine and one minute; compare two of them only when they ran side by side.

func members(_ count: Int) -> [PlacementMember] {
    (0..<count).compactMap { NodeID("node-\($0)").map { PlacementMember(id: $0) } }
}

/// A key that somebody holds, as objects do: to ask for its owner copies nothing.
final class Holder {
    let key: ObjectKey

    init(_ key: ObjectKey) { self.key = key }
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
    let holders = keys.map(Holder.init)
    let lent = unsafe holders.map { unsafe Unmanaged.passUnretained($0) }
    let whole = measured {
        for _ in 0..<rounds {
            for index in unsafe lent.indices {
                let owner = unsafe lent[index]._withUnsafeGuaranteedRef { view.owner(of: $0.key) }
                if owner != nil { found += 1 }
            }
        }
    }
    withExtendedLifetime(holders) {}
    let table = view.table
    let lookup = measured {
        for _ in 0..<rounds {
            for partition in partitions where table.owner(of: partition) != nil { found += 1 }
        }
    }
    precondition(found == 2 * rounds * keys.count, "every name has an owner")
    let count = Double(rounds * keys.count)
    say("placement, 1,000 nodes: owner of a name", whole * 1e9 / count, "ns")
    say("placement, 1,000 nodes: owner of a partition", lookup * 1e9 / count, "ns")
}

func benchmarkTables() {
    for count in [3, 10, 100, 1_000] {
        let grouped = count < 1_000 ? "\(count)" : "1,000"
        var table = PlacementTable(members: [])
        let fresh = measured { table = PlacementTable(members: members(count)) }
        guard let id = NodeID("newcomer") else { return }
        var joined = table
        let join = measured { joined = table.adding(PlacementMember(id: id)) }
        precondition(joined.members.count == count + 1, "the newcomer has joined")
        say("placement, \(grouped) nodes: built anew", fresh * 1e3, "ms")
        say("placement, \(grouped) nodes: one joins", join * 1e3, "ms")
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
    say("membership, 1,000 machines: times real time", 60 / seconds, "x")
}

let parts = [
    "placement": [benchmarkLookup, benchmarkTables],
    "membership": [benchmarkMembership],
    "links": [benchmarkLinks],
]
let words = CommandLine.arguments.dropFirst()
guard words.allSatisfy({ parts[$0] != nil }) else {
    print("usage: microbench [placement] [membership] [links]")
    exit(64)
}
for name in ["placement", "links", "membership"] where words.isEmpty || words.contains(name) {
    for part in parts[name] ?? [] { part() }
}
