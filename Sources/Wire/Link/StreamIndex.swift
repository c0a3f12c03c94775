/// Which slot a stream number is in: a hash table of numbers with linear probing.
///
/// The numbers of a lane rise one by one, so they are their own hash; every frame does several
/// look-ups, and against a `Dictionary` this halves the cost of a small message. Only a peer that
/// has the secret picks numbers. Entries move up when one is removed (Knuth, volume 3, section 6.4,
/// algorithm R).
struct StreamIndex: Sendable {
    private struct Entry {
        var id = StreamID.lane
        var slot: Int32 = 0
    }

    /// A power of two, at most half full; empty places have the number of the lane itself.
    private var entries: [Entry] = Array(repeating: Entry(), count: 16)
    private(set) var count = 0

    private var mask: Int { entries.count - 1 }

    private func home(of id: StreamID) -> Int {
        // Both sides' numbers have one parity each; together they fill every place.
        Int(id.value) & mask
    }

    /// The place of the stream, or the empty one where it would be.
    private func place(of id: StreamID) -> Int {
        var place = home(of: id)
        while entries[place].id != id, entries[place].id != .lane { place = (place + 1) & mask }
        return place
    }

    subscript(id: StreamID) -> Int? {
        let entry = entries[place(of: id)]
        return entry.id == .lane ? nil : Int(entry.slot)
    }

    /// Adds a stream that is not in the index.
    mutating func insert(_ id: StreamID, slot: Int) {
        if 2 * (count + 1) > entries.count { grow() }
        entries[place(of: id)] = Entry(id: id, slot: Int32(slot))
        count += 1
    }

    mutating func remove(_ id: StreamID) {
        var hole = place(of: id)
        guard entries[hole].id != .lane else { return }
        count -= 1
        var next = (hole + 1) & mask
        while entries[next].id != .lane {
            let distance = (next - home(of: entries[next].id)) & mask
            if distance >= (next - hole) & mask {
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        entries[hole] = Entry()
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where entry.id != .lane { entries[place(of: entry.id)] = entry }
    }
}
