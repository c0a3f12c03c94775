/// The events that one instance is handling, in the order in which it began with them.
///
/// One at most, unless its class interleaves.
struct EventsInWork {
    /// Names one of them.
    struct Token: Equatable, Sendable {
        fileprivate let number: UInt64

        /// True for the first event of a life and for one of so many after that: what is measured by
        /// the clock costs a little with every event.
        var isSampled: Bool { EventsInWork.isSampled(number) }
    }

    /// Of so many events one is measured.
    static let sampledOneOf: UInt64 = 16

    static func isSampled(_ number: UInt64) -> Bool { number % sampledOneOf == 1 }

    private typealias Entry = (number: UInt64, event: ObjectEvent)

    /// The one that began before all others: in most classes there is no other one.
    private var first: Entry?
    private var others: [Entry] = []
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { first == nil && others.isEmpty }
    var count: Int { (first == nil ? 0 : 1) + others.count }
    var events: [ObjectEvent] { (first.map { [$0.event] } ?? []) + others.map(\.event) }

    mutating func begin(_ event: ObjectEvent) -> Token {
        lastNumber += 1
        if isEmpty { first = (lastNumber, event) } else { others.append((lastNumber, event)) }
        return Token(number: lastNumber)
    }

    /// The rest of it is another event.
    mutating func replace(_ token: Token, with event: ObjectEvent) {
        if first?.number == token.number {
            first = (token.number, event)
        } else if let index = index(of: token) {
            others[index].event = event
        }
    }

    mutating func end(_ token: Token) {
        if first?.number == token.number {
            first = nil
        } else if let index = index(of: token) {
            others.remove(at: index)
        }
    }

    mutating func removeAll() { (first, others) = (nil, []) }

    private func index(of token: Token) -> Int? {
        others.firstIndex { $0.number == token.number }
    }
}
