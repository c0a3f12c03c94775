import Wire

/// The sockets of one object by their tags, so that the few with one tag are found without a look
/// at all the others.
struct TagIndex {
    /// For each tag the sockets by their order of coming.
    private var sockets: [String: [UInt64: ObjectSocket]] = [:]

    /// The sockets with a tag, oldest first.
    subscript(tag: String) -> [ObjectSocket] {
        (sockets[tag] ?? [:]).values.sorted { $0.sequence < $1.sequence }
    }

    mutating func insert(_ socket: ObjectSocket) {
        for tag in socket.notes.tags.list { sockets[tag, default: [:]][socket.sequence] = socket }
    }

    mutating func remove(_ socket: ObjectSocket) {
        for tag in socket.notes.tags.list {
            sockets[tag]?[socket.sequence] = nil
            if sockets[tag]?.isEmpty == true { sockets[tag] = nil }
        }
    }
}
