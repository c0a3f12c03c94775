import Wire

/// The sockets of one object: by their session, by their tags, and in the order of their coming.
///
/// While the object sleeps only the list itself is kept; the rest is made again when it is needed.
struct SocketTable {
    /// By what sockets are found.
    private final class Index {
        var byID: [SessionID: ObjectSocket] = [:]
        var tagged = TagIndex()

        func insert(_ socket: ObjectSocket) {
            byID[socket.id] = socket
            tagged.insert(socket)
        }
    }

    private var roster = Roster<ObjectSocket>()
    /// Nil while it is packed.
    private var index: Index?

    var isEmpty: Bool { roster.isEmpty }
    var count: Int { roster.count }

    /// Oldest first.
    var inOrder: [ObjectSocket] { roster.sorted { $0.sequence < $1.sequence } }

    /// Those with a tag, oldest first.
    mutating func tagged(_ tag: String) -> [ObjectSocket] { unpacked().tagged[tag] }

    /// The socket of a session.
    mutating func socket(of id: SessionID) -> ObjectSocket? { unpacked().byID[id] }

    mutating func insert(_ socket: ObjectSocket) {
        let index = unpacked()
        roster.insert(socket)
        index.insert(socket)
    }

    /// False when it is not there.
    mutating func remove(_ socket: ObjectSocket) -> Bool {
        guard roster.remove(socket) else { return false }
        let index = unpacked()
        index.tagged.remove(socket)
        if index.byID[socket.id] === socket { index.byID[socket.id] = nil }
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

    private mutating func unpacked() -> Index {
        if let index { return index }
        let index = Index()
        for socket in roster { index.insert(socket) }
        self.index = index
        return index
    }
}

extension SocketTable: Sequence {
    /// In an order that follows from what came and went before.
    func makeIterator() -> IndexingIterator<Roster<ObjectSocket>> { roster.makeIterator() }
}
