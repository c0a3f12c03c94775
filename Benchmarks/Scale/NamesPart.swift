import Placement
import Primitives

/// Where a million names live, and what a change of the members moves.
enum NamesPart {
    private static let nameCount = 1_000_000

    static func run(nodes counts: [Int]) {
        let table = FigureTable(
            "\(figure(nameCount)) names",
            [
                "nodes", "mean", "max/mean", "min/mean", "part. max/mean", "join moves", "ideal",
                "table ms", "join ms", "lookup ns", "table KiB",
            ]
        )
        let key = PlacementKey(low: 1, high: 2)
        let names = (0..<nameCount).compactMap { ObjectKey(className: "Room", name: "room-\($0)") }
        let partitions = names.map { PartitionID(of: $0, key: key) }
        for count in counts { table.add(row(count, names, partitions, key)) }
    }

    private static func row(
        _ count: Int,
        _ names: [ObjectKey],
        _ partitions: [PartitionID],
        _ key: PlacementKey
    ) -> [String] {
        let members = (0..<count).compactMap {
            NodeID("node-\($0)").map { PlacementMember(id: $0) }
        }
        guard let newcomer = NodeID("newcomer") else { return [] }
        var table = PlacementTable(members: [])
        let built = measured { table = PlacementTable(members: members) }
        var joined = table
        let join = measured { joined = table.adding(PlacementMember(id: newcomer)) }
        let view = PlacementView(epoch: Epoch(1), key: key, table: table)
        var found = 0
        let lookup = measured { for name in names where view.owner(of: name) != nil { found += 1 } }
        precondition(found == names.count, "every name has an owner")

        var owners: [NodeID: Int] = [:]
        var moved = 0
        for partition in partitions {
            guard let owner = table.owner(of: partition) else { continue }
            owners[owner, default: 0] += 1
            if joined.owner(of: partition) != owner { moved += 1 }
        }
        let mean = Double(names.count) / Double(count)
        let shares = members.map { Double(table.partitions(ownedBy: $0.id).count) }
        let partitionMean = Double(PartitionID.count) / Double(count)
        return [
            figure(count), figure(mean), figure(Double(owners.values.max() ?? 0) / mean),
            figure(Double(members.map { owners[$0.id] ?? 0 }.min() ?? 0) / mean),
            figure((shares.max() ?? 0) / partitionMean),
            percent(Double(moved) / Double(names.count)), percent(1 / Double(count + 1)),
            figure(built * 1e3), figure(join * 1e3), figure(lookup * 1e9 / Double(names.count)),
            figure(3 * PartitionID.count * MemoryLayout<UInt16>.size / 1_024),
        ]
    }

    private static func percent(_ share: Double) -> String { figure(share * 100) + " %" }
}
