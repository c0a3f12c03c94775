import Wire

/// The sockets of one object: by their session, by their tags, and in the order of their coming.
///
/// While the object sleeps only the list itself is kept; the rest is made again when it is needed.
struct SocketTable {
    private var roster = Roster<ObjectSocket>()
    private var byID: [SessionID: ObjectSocket] = [:]
    private var tagged = TagIndex()
    private var isPacked = false

    var isEmpty: Bool { roster.isEmpty }
    var count: Int { roster.count }

    /// Oldest first.
    var inOrder: [ObjectSocket] { roster.sorted { $0.sequence < $1.sequence } }

    /// Those with a tag, oldest first.
    mutating func tagged(_ tag: String) -> [ObjectSocket] {
        unpack()
        return tagged[tag]
    }

    /// The socket of a session.
    mutating func socket(of id: SessionID) -> ObjectSocket? {
        unpack()
        return byID[id]
    }

    mutating func insert(_ socket: ObjectSocket) {
        unpack()
        roster.insert(socket)
        index(socket)
    }

    /// False when it is not there.
    mutating func remove(_ socket: ObjectSocket) -> Bool {
        unpack()
        guard roster.remove(socket) else { return false }
        tagged.remove(socket)
        if byID[socket.id] === socket { byID[socket.id] = nil }
        return true
    }

    mutating func removeAll() {
        roster.removeAll()
        byID = [:]
        tagged.removeAll()
    }

    /// Gives back all memory but that of the list.
    mutating func pack() {
        guard !isPacked else { return }
        isPacked = true
        byID = [:]
        tagged.removeAll()
        roster.shrink()
    }

    private mutating func unpack() {
        guard isPacked else { return }
        isPacked = false
        for socket in roster { index(socket) }
    }

    private mutating func index(_ socket: ObjectSocket) {
        byID[socket.id] = socket
        tagged.insert(socket)
    }
}

extension SocketTable: Sequence {
    /// In an order that follows from what came and went before.
    func makeIterator() -> IndexingIterator<Roster<ObjectSocket>> { roster.makeIterator() }
}
