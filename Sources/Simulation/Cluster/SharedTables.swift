package import Placement
import Synchronization

/// Tables that all simulated nodes share: each has the same members in the same view.
package final class SharedTables: Sendable {
    /// So many tables are kept, of 384 KiB each.
    private static let countMax = 256

    private let tables = Mutex<[[PlacementMember]: PlacementTable]>([:])

    package init() {}

    /// The table of `members`, made from `former` if nobody has asked for it yet.
    package func table(
        of members: [PlacementMember],
        after former: PlacementTable
    ) -> PlacementTable {
        tables.withLock { tables in
            if let table = tables[members] { return table }
            if tables.count == Self.countMax { tables = [:] }
            let table = former.changing(to: members)
            tables[members] = table
            return table
        }
    }
}
