package import Primitives

/// One numbered answer to "who owns what", as one node holds it.
///
/// Placement takes a view and does not care who made it. Two views with the same epoch, members
/// and key are the same; the epoch travels with every frame, so that nodes with different views
/// notice, and do not guess. The owner of an object is the one who wins its partition among the
/// members that run its class: so there is one table for each of the `groups` of classes.
package struct PlacementView: Equatable, Sendable {
    /// Makes the table of some members from another one, whichever is less work.
    package typealias TableMaker =
        @Sendable (PlacementTable, [PlacementMember]) -> PlacementTable

    package let epoch: Epoch
    package let key: PlacementKey
    /// All members, in order of their ids, whatever they run.
    package let members: [PlacementMember]
    package let groups: ClassGroups
    /// A fingerprint of the members, their weights and their classes, to compare two nodes.
    package let ringHash: UInt64
    /// One for each of the groups.
    private let tables: [PlacementTable]

    /// The view in which every member of `table` runs every class.
    package init(epoch: Epoch, key: PlacementKey, table: PlacementTable) {
        self.epoch = epoch
        self.key = key
        members = table.members
        groups = .one
        tables = [table]
        ringHash = table.ringHash
    }

    /// The `members` are in order of their ids; `makeTable` is given a table of the view `former`.
    private init(
        epoch: Epoch,
        members: [PlacementMember],
        after former: PlacementView,
        makeTable: TableMaker
    ) {
        self.epoch = epoch
        key = former.key
        self.members = members
        let groups = ClassGroups(of: members.map(\.classes))
        self.groups = groups
        tables = (0..<groups.count).map { group in
            let runners = members.filter { groups.contains(group, in: $0.classes) }
            let table = former.tables.indices.contains(group) ? group : 0
            return makeTable(
                former.tables.isEmpty ? PlacementTable(members: []) : former.tables[table],
                runners.map { PlacementMember(id: $0.id, weight: $0.weight) }
            )
        }
        ringHash = Self.hash(of: members)
    }

    /// The view before the first: nobody owns anything.
    package static func empty(key: PlacementKey) -> PlacementView {
        PlacementView(epoch: .none, key: key, table: PlacementTable(members: []))
    }

    /// The view that follows, with `members` in place of those of this one.
    package func next(
        members: [PlacementMember],
        epoch: Epoch,
        makeTable: TableMaker = { $0.changing(to: $1) }
    ) -> PlacementView {
        PlacementView(
            epoch: epoch,
            members: members.sorted { $0.id < $1.id },
            after: self,
            makeTable: makeTable
        )
    }

    /// That of the table when every member runs every class.
    private static func hash(of members: [PlacementMember]) -> UInt64 {
        let hash = PlacementTable.hash(of: members)
        guard members.contains(where: { $0.classes != .any }) else { return hash }
        var writer = ByteWriter(reservingCapacity: 8 + 64 * members.count)
        writer.write(hash)
        for member in members { member.classes.encode(to: &writer) }
        var all = SipHash13(key: .zero)
        all.combine(writer.bytes.span)
        return all.finalized()
    }
}

// MARK: - Who owns what

extension PlacementView {
    /// The partition of an object, the same in every view of a cluster.
    @inline(__always)
    package func partition(of object: ObjectKey) -> PartitionID {
        PartitionID(of: object, key: key)
    }

    /// The slot of an object, the same in every view of a cluster.
    package func slot(of object: ObjectKey) -> ObjectSlot { ObjectSlot(of: object, key: key) }

    /// The node on which `object` lives under this view; nil when no member that runs its class has
    /// a weight.
    package func owner(of object: ObjectKey) -> NodeID? {
        // Where all members run everything, its class need not be hashed.
        guard groups.isOne else { return owner(of: slot(of: object)) }
        let partition = partition(of: object)
        return tables[0].owner(of: partition)
    }

    package func owner(of slot: ObjectSlot) -> NodeID? {
        // Asked where it stands: a table that is handed out has its parts counted.
        groups.group(of: slot.className).flatMap { tables[$0].owner(of: slot.partition) }
    }

    /// Who owns it if its owner goes; nil when there is nobody else.
    package func heir(of slot: ObjectSlot) -> NodeID? { table(of: slot)?.heir(of: slot.partition) }

    /// The owner and then up to two others, the next owner first.
    package func replicas(of slot: ObjectSlot) -> [NodeID] {
        table(of: slot)?.replicas(of: slot.partition) ?? []
    }

    /// The members that run a class, those without a weight too, in order of their ids.
    package func runners(of className: ClassHash) -> [PlacementMember] {
        groups.group(of: className).map { tables[$0].members } ?? []
    }

    private func table(of slot: ObjectSlot) -> PlacementTable? {
        groups.group(of: slot.className).map { tables[$0] }
    }

    /// Whether a member runs this class, be it one without a weight.
    package func runs(_ className: ClassHash) -> Bool { groups.group(of: className) != nil }

    /// Every partition in which `id` owns the objects of some class.
    package func partitions(touchedBy id: NodeID) -> PartitionSet {
        var touched = PartitionSet()
        for table in tables { touched.formUnion(table.partitions(ownedBy: id)) }
        return touched
    }

    /// The table of the first group: the only one where all members run the same.
    package var table: PlacementTable { tables.first ?? PlacementTable(members: []) }

    /// The partitions in which `id` owns the objects of some class that `former` did not give it.
    package func partitions(gainedBy id: NodeID, since former: PlacementView) -> PartitionSet {
        var gained = PartitionSet()
        for (new, old) in groups.pairs(with: former.groups, of: .any) {
            guard let new else { continue }
            var won = tables[new].partitions(ownedBy: id)
            if let old { won.subtract(former.tables[old].partitions(ownedBy: id)) }
            gained.formUnion(won)
        }
        return gained
    }
}
