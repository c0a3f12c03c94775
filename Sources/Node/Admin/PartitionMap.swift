import Cluster
import Placement
import Primitives
import Wire

/// Who owns each partition, in the view of one node: the JSON of `GET /cluster/partitions`.
struct PartitionReport: Codable, Equatable, Sendable {
    /// The view.
    var epoch: UInt64
    /// The last view that is settled; while it is an earlier one, partitions are on their way.
    var stableEpoch: UInt64
    var count: Int
    /// Those who own something or could.
    ///
    /// Where nodes run different classes, a partition has an owner for each group of them: these are
    /// the owners of the first group.
    var members: [String]
    /// How many bits each partition has in `owners`: 2, 4, 8 or 16.
    var bits: Int
    /// For each partition the index of its owner in `members`, all ones for nobody: from the lowest
    /// bits of each byte up, in base 64; of 16 bits the lower byte comes first.
    var owners: String
    /// A bit for each partition, in the same order: 1 where the owner is not that of the settled view.
    ///
    /// Empty when nothing is on its way.
    var moving: String
}

/// Makes the `PartitionReport` of a node, again only when the view has changed.
///
/// Lives on the control loop.
final class PartitionMap {
    private unowned let driver: ClusterDriver
    private var latest: PartitionReport?

    init(driver: ClusterDriver) { self.driver = driver }

    var report: PartitionReport {
        let view = driver.machine.view
        let stable = driver.machine.ownership.stable
        if let latest, latest.epoch == view.epoch.value, latest.stableEpoch == stable.value {
            return latest
        }
        let report = PartitionReport(
            view,
            stable: stable,
            settled: stable < view.epoch ? driver.routes.past.first : nil
        )
        latest = report
        return report
    }
}

extension PartitionReport {
    /// `settled` has the owners of the last settled view; nil when that is this one.
    init(_ view: PlacementView, stable: Epoch, settled: Owners?) {
        let members = view.table.owningMembers
        let bits = [2, 4, 8].first { members.count < 1 << $0 } ?? 16
        self.init(
            epoch: view.epoch.value,
            stableEpoch: stable.value,
            count: PartitionID.count,
            members: members.map(\.name),
            bits: bits,
            owners: Base64.encode(Self.packed(view.table.owners, bits: bits)),
            moving: settled.map { Base64.encode(Self.moving(view.table, since: $0)) } ?? ""
        )
    }

    static func packed(_ values: some Sequence<UInt16>, bits: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(PartitionID.count * bits / 8)
        var (pending, filled) = (UInt32(0), 0)
        for value in values {
            pending |= UInt32(value & UInt16(truncatingIfNeeded: 1 << bits - 1)) << filled
            filled += bits
            while filled >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                filled -= 8
            }
        }
        return bytes
    }

    private static func moving(_ table: PlacementTable, since settled: Owners) -> [UInt8] {
        let members = table.owningMembers
        let bits = table.owners.enumerated().map { index, owner -> UInt16 in
            let before = settled.owners(in: PartitionID(UInt16(index))).map(\.id)
            let isKept = owner == .max ? before.isEmpty : before.contains(members[Int(owner)])
            return isKept ? 0 : 1
        }
        return packed(bits, bits: 1)
    }
}
