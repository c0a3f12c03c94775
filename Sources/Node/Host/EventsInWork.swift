/// The events that one instance is handling, in the order in which it began with them.
///
/// One at most, unless its class interleaves.
struct EventsInWork {
    /// Names one of them.
    struct Token: Equatable, Sendable {
        fileprivate let number: UInt64

        /// True for the first event of a life and for one of so many after that: what is measured by
        /// the clock costs a little with every event.
        var isSampled: Bool { number % EventsInWork.sampledOneOf == 1 }
    }

    /// Of so many events one is measured.
    static let sampledOneOf: UInt64 = 16

    private var entries: [(number: UInt64, event: ObjectEvent)] = []
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var events: [ObjectEvent] { entries.map(\.event) }

    mutating func begin(_ event: ObjectEvent) -> Token {
        lastNumber += 1
        entries.append((lastNumber, event))
        return Token(number: lastNumber)
    }

    /// The rest of it is another event.
    mutating func replace(_ token: Token, with event: ObjectEvent) {
        guard let index = index(of: token) else { return }
        entries[index].event = event
    }

    mutating func end(_ token: Token) {
        guard let index = index(of: token) else { return }
        entries.remove(at: index)
    }

    mutating func removeAll() { entries = [] }

    private func index(of token: Token) -> Int? {
        entries.firstIndex { $0.number == token.number }
    }
}
