import Cluster
import Placement
import Primitives

/// What a node with 100,000 sessions has to say when a view changes.
enum SessionsPart {
    private static let sessionCount = 100_000

    static func run(nodes counts: [Int]) {
        let table = FigureTable(
            "\(figure(sessionCount)) sessions of one node: a roll call of its sessions",
            [
                "nodes", "change", "sessions that move", "messages", "B in all", "largest B",
                "look-ups ms", "encode ms", "decode ms", "B with 13/node",
            ]
        )
        let key = PlacementKey(low: 1, high: 2)
        let slots = (0..<sessionCount).compactMap { number in
            ObjectKey(className: "Room", name: "room-\(number)").map {
                ObjectSlot(of: $0, key: key)
            }
        }
        for count in counts {
            let members = (0..<count).compactMap {
                NodeID("node-\($0)").map { PlacementMember(id: $0) }
            }
            guard let newcomer = NodeID("newcomer"), let victim = members.last else { continue }
            let old = PlacementView(
                epoch: Epoch(1),
                key: key,
                table: PlacementTable(members: members)
            )
            let joined = old.next(
                members: members + [PlacementMember(id: newcomer)],
                epoch: Epoch(2)
            )
            let left = old.next(members: members.filter { $0 != victim }, epoch: Epoch(2))
            table.add([figure(count), "1 joins"] + row(slots, old, joined))
            table.add([figure(count), "1 dies"] + row(slots, old, left))
        }
    }

    /// Every session is looked up under the new view, and each new owner is told.
    private static func row(
        _ slots: [ObjectSlot],
        _ old: PlacementView,
        _ new: PlacementView
    ) -> [String] {
        let former = slots.map(old.owner)
        var missing: [NodeID: PartitionSet] = [:]
        var moved = 0
        let lookups = measured {
            for (slot, former) in zip(slots, former) {
                guard let owner = new.owner(of: slot), owner != former else { continue }
                moved += 1
                missing[owner, default: PartitionSet()].insert(slot.partition)
            }
        }
        var messages: [[UInt8]] = []
        let encoding = measured {
            for member in new.members {
                let missing = missing[member.id]?.partitions ?? []
                let message = RollCallMessage(
                    epoch: new.epoch,
                    isAnswerWanted: false,
                    missing: missing
                )
                messages.append(message.encoded)
            }
        }
        var decoded = 0
        let decoding = measured {
            for bytes in messages {
                guard let message = try? RollCallMessage(decoding: bytes[...]) else { continue }
                decoded += PartitionSet(message.missing).count
            }
        }
        precondition(decoded == missing.values.reduce(0) { $0 + $1.count }, "all is said")
        let bytes = messages.map(\.count)
        return [
            figure(moved), figure(messages.count), figure(bytes.reduce(0, +)),
            figure(bytes.max() ?? 0), figure(lookups * 1e3), figure(encoding * 1e3),
            figure(decoding * 1e3), figure(13 * messages.count),
        ]
    }
}
