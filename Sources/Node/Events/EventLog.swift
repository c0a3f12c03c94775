import Primitives
import Queues

/// The place of an event: which process tells it, and its number there.
struct EventPlace: Codable, Equatable, Sendable {
    /// Longer texts are none: a run is a number in base 16.
    static let textBytesMax = 40

    let run: String
    let number: UInt64

    var text: String { "\(run)-\(number)" }

    init(run: String, number: UInt64) { (self.run, self.number) = (run, number) }

    /// Nil for a text that is no id of an event.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.textBytesMax else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let number = UInt64(parts[1]) else { return nil }
        self.init(run: String(parts[0]), number: number)
    }
}

/// The latest events of a node, for those who come later or come back.
struct EventLog: Sendable {
    /// So many are kept, of `ClusterEvent.bytesMax` each at most.
    static let keptMax = 1_024

    /// The process that tells them.
    let run: String
    private(set) var lastNumber: UInt64 = 0
    private var kept = Deque<Kept>()

    private struct Kept: Sendable {
        let event: ClusterEvent
        let isOwn: Bool
        let number: UInt64
    }

    init(run: String) { self.run = run }

    /// Where a reader stands who has all of them.
    var place: EventPlace { EventPlace(run: run, number: lastNumber) }

    /// Keeps an event, and returns it with its id.
    mutating func append(_ event: ClusterEvent, isOwn: Bool) -> ClusterEvent {
        lastNumber += 1
        var event = event
        event.id = place.text
        event = event.bounded
        kept.append(Kept(event: event, isOwn: isOwn, number: lastNumber))
        if kept.count > Self.keptMax { _ = kept.popFirst() }
        return event
    }

    /// The events behind `place`, and whether none between is missing.
    ///
    /// Of another process nothing is known here: then all that are kept come, and some are missing.
    func events(after place: EventPlace) -> (events: [ClusterEvent], isWhole: Bool) {
        guard place.run == run, place.number <= lastNumber else {
            return (kept.map(\.event), false)
        }
        let oldest = kept.first?.number ?? lastNumber + 1
        let events = kept.filter { $0.number > place.number }.map(\.event)
        return (events, place.number + 1 >= oldest)
    }

    /// The last `count` events.
    func latest(_ count: Int) -> [ClusterEvent] { kept.suffix(count).map(\.event) }

    /// What has happened to this node itself behind `number`, at most `count` of it, and where that
    /// ends.
    func own(after number: UInt64, atMost count: Int) -> (events: [ClusterEvent], last: UInt64) {
        let all = kept.filter { $0.isOwn && $0.number > number }
        let events = all.prefix(count)
        let isWhole = events.count == all.count
        return (events.map(\.event), isWhole ? lastNumber : events.last?.number ?? number)
    }
}
