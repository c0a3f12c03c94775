import Wire

/// The sockets of one object: by their session, by their tags, and in the order of their coming.
///
/// Only the list itself is always there. By what else sockets are found is made when something is
/// first looked for, and while the object sleeps it is let go of.
struct SocketTable {
    /// Each nil until something is looked for by it.
    private final class Index {
        var byID: [SessionID: ObjectSocket]?
        var byTag: TagIndex?
    }

    private var roster = Roster<ObjectSocket>()
    private var index: Index?

    var isEmpty: Bool { roster.isEmpty }
    var count: Int { roster.count }

    /// Oldest first.
    var inOrder: [ObjectSocket] { roster.sorted { $0.sequence < $1.sequence } }

    /// Those with a tag, oldest first.
    mutating func tagged(_ tag: String) -> [ObjectSocket] {
        let index = neededIndex()
        if index.byTag == nil {
            var byTag = TagIndex()
            for socket in roster { byTag.insert(socket) }
            index.byTag = byTag
        }
        return index.byTag?[tag] ?? []
    }

    /// The socket of a session.
    mutating func socket(of id: SessionID) -> ObjectSocket? {
        let index = neededIndex()
        if index.byID == nil {
            var byID: [SessionID: ObjectSocket] = [:]
            for socket in roster { byID[socket.id] = socket }
            index.byID = byID
        }
        return index.byID?[id]
    }

    mutating func insert(_ socket: ObjectSocket) {
        roster.insert(socket)
        index?.byID?[socket.id] = socket
        index?.byTag?.insert(socket)
    }

    /// False when it is not there.
    mutating func remove(_ socket: ObjectSocket) -> Bool {
        guard roster.remove(socket) else { return false }
        index?.byTag?.remove(socket)
        if index?.byID?[socket.id] === socket { index?.byID?[socket.id] = nil }
        return true
    }

    mutating func removeAll() {
        roster.removeAll()
        index = nil
    }

    /// Gives back all memory but that of the list.
    mutating func pack() {
        index = nil
        roster.shrink()
    }

    private mutating func neededIndex() -> Index {
        let needed = index ?? Index()
        index = needed
        return needed
    }
}

extension SocketTable: Sequence {
    /// In an order that follows from what came and went before.
    func makeIterator() -> IndexingIterator<Roster<ObjectSocket>> { roster.makeIterator() }
}
