import Transport

/// The places of connections from outside that have not proved themselves, by their numbers.
///
/// There is one for every newcomer: where all are taken, that of the connection that has been at the
/// same step for the longest. So nobody can keep others out by taking places; strangers have to come
/// so fast that a peer is displaced before it has spoken, and a peer speaks at once.
struct HandshakePlaces {
    /// Connections whose HELLO has not come.
    ///
    /// Twice what a turn accepts, so however many come, who had spoken when it was accepted is read
    /// before it could be displaced: by 63 behind it in its turn, and 64 in the next one.
    static let silentMax = 2 * Listener.acceptsPerTurnMax
    /// Connections whose HELLO was good enough to be answered.
    ///
    /// They have places of their own, for that takes the secret, or bytes that were read between
    /// nodes.
    static let answeredMax = 64

    private var silent: [UInt64] = []
    private var answered: [UInt64] = []

    /// A newcomer, with a number of its own; returns who has to go.
    mutating func enter(_ number: UInt64) -> UInt64? {
        Self.append(number, to: &silent, atMost: Self.silentMax)
    }

    /// The HELLO of `number` is answered; returns who has to go.
    mutating func answer(_ number: UInt64) -> UInt64? {
        guard let index = silent.firstIndex(of: number) else { return nil }
        silent.remove(at: index)
        return Self.append(number, to: &answered, atMost: Self.answeredMax)
    }

    /// `number` has proved itself, or is gone.
    mutating func leave(_ number: UInt64) {
        silent.removeAll { $0 == number }
        answered.removeAll { $0 == number }
    }

    private static func append(
        _ number: UInt64,
        to places: inout [UInt64],
        atMost count: Int
    ) -> UInt64? {
        places.append(number)
        return places.count > count ? places.removeFirst() : nil
    }
}
