import Primitives

/// Some objects of one loop, one node or the cluster, in the order that was asked for.
struct ObjectPage: Equatable, Sendable {
    /// What an answer to another node takes at most: a quarter of what a link carries at once, so
    /// that nothing urgent waits long behind it.
    static let bytesMax = 256 << 10

    var entries: [ObjectEntry] = []
    /// False when there are more behind the last one, of which nothing is said here.
    var isWhole = true

    /// The first objects of several pages, none of which says anything of what is behind its end.
    ///
    /// A page that is not whole has an entry at least.
    static func merging(_ pages: [ObjectPage], for query: ObjectQuery) -> ObjectPage {
        func rank(_ entry: ObjectEntry) -> ObjectRank { entry.rank(by: query.sort) }
        let horizon = pages.filter { !$0.isWhole }.compactMap { $0.entries.last.map(rank) }.min()
        var ranked = pages.flatMap(\.entries).map { (rank: rank($0), entry: $0) }
        if let horizon { ranked = ranked.filter { $0.rank <= horizon } }
        ranked.sort { ($0.rank, $0.entry.node) < ($1.rank, $1.entry.node) }
        return ObjectPage(
            entries: ranked.prefix(query.limit).map(\.entry),
            isWhole: horizon == nil && ranked.count <= query.limit
        )
    }
}

extension ObjectPage {
    /// As many entries as there is room for.
    var encoded: [UInt8] {
        var (body, count) = (ByteWriter(), 0)
        for entry in entries {
            guard body.count + entry.byteCount <= Self.bytesMax else { break }
            entry.encode(to: &body)
            count += 1
        }
        var head = ByteWriter(reservingCapacity: body.count + 4)
        head.write(Self.version)
        head.write(UInt8(isWhole && count == entries.count ? 1 : 0))
        head.write(UInt16(clamping: count))
        head.write(body.bytes.span)
        return head.take()
    }

    /// Nil for what is no page of at most `limit` objects.
    init?(_ bytes: [UInt8], of node: String, limit: Int) {
        var reader = ByteReader(bytes)
        guard let version = try? reader.uint8(), version == Self.version,
            let isWhole = try? reader.uint8(), let count = try? reader.uint16(), count <= limit
        else { return nil }
        for _ in 0..<count {
            guard let entry = try? ObjectEntry(from: &reader, node: node) else { return nil }
            entries.append(entry)
        }
        guard isWhole == 1 || count > 0 else { return nil }
        self.isWhole = isWhole == 1
    }

    private static let version: UInt8 = 1
}
