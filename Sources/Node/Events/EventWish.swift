import Wire

/// Which events a reader wants.
struct EventWish: Equatable, Sendable {
    static let recents = 0...EventLog.keptMax

    /// What comes behind this event; nil for a reader who has had none.
    var place: EventPlace?
    /// For that one, so many of the latest first.
    var recent = 0
    /// Go on with what happens from now on.
    var isFollowing = true

    init() {}

    init(_ head: HTTPRequestHead) throws(AdminRefusal) {
        let target = head.target
        guard target.hasDecodableQuery else {
            throw .badRequest("expected a query of percent-encoded UTF-8")
        }
        if let text = target.queryValue("recent") {
            guard let count = Int(text), Self.recents.contains(count) else {
                throw .badRequest("expected recent from 0 to \(EventLog.keptMax)")
            }
            recent = count
        }
        if let text = target.queryValue("follow") {
            guard let isFollowing = Bool(text) else {
                throw .badRequest("expected follow to be true or false")
            }
            self.isFollowing = isFollowing
        }
        guard let text = head.headers.first("Last-Event-ID"), !text.isEmpty else { return }
        guard let place = EventPlace(text) else {
            throw .badRequest("expected the id of an event as Last-Event-ID")
        }
        self.place = place
    }
}
