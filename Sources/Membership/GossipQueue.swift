import Primitives

/// The news that still has to be spread: least sent first, one piece for each member.
///
/// Newer news about a member replaces older, so there are never more entries than members. Each
/// entry is encoded once.
struct GossipQueue: Sendable {
    private struct Entry: Sendable {
        let slot: Int
        let bytes: [UInt8]
        var sendCount = 0
    }

    /// In ascending `sendCount`; of equals, whoever came first.
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    mutating func push(_ update: MemberUpdate, about slot: Int) {
        remove(about: slot)
        insert(Entry(slot: slot, bytes: update.encoded))
    }

    mutating func remove(about slot: Int) {
        guard let index = entries.firstIndex(where: { $0.slot == slot }) else { return }
        entries.remove(at: index)
    }

    /// Appends what fits until the first entry that does not, and forgets what was sent
    /// `sendsMax` times.
    mutating func take(into writer: inout ByteWriter, bytesMax: Int, sendsMax: Int) {
        var count = 0
        while count < entries.count, writer.count + entries[count].bytes.count <= bytesMax {
            writer.write(entries[count].bytes)
            count += 1
        }
        guard count > 0 else { return }
        let sent = Array(entries[..<count])
        entries.removeFirst(count)
        for var entry in sent {
            entry.sendCount += 1
            if entry.sendCount < sendsMax { insert(entry) }
        }
    }

    private mutating func insert(_ entry: Entry) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sendCount <= entry.sendCount {
                low = middle + 1
            } else {
                high = middle
            }
        }
        entries.insert(entry, at: low)
    }
}
