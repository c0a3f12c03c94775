import Placement
import Primitives
import Synchronization

/// The tables of who owns what, made once for all nodes of all clusters of the process: a table
/// follows from its members alone.
enum SharedTables {
    /// More sets of members are not kept.
    static let countMax = 256

    private static let tables = Mutex<[[PlacementMember]: PlacementTable]>([:])

    static func table(_ former: PlacementTable, _ members: [PlacementMember]) -> PlacementTable {
        if let known = tables.withLock({ $0[members] }) { return known }
        let table = former.changing(to: members)
        tables.withLock { tables in
            if tables.count < countMax { tables[members] = table }
        }
        return table
    }
}
