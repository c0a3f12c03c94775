/// What one thread has counted, or all of them together.
struct BenchTally: Sendable {
    /// Of the time that is measured; what came before it is not in there.
    var latency = LatencyHistogram()
    /// How much later than it was due each message was given to its connection.
    var delay = LatencyHistogram()
    /// Messages that came back, deliveries, or connections, in the time that is measured.
    var completed = 0

    // The whole run, opening and warm-up included.
    /// Messages that are to come still.
    var awaited = 0
    var opened = 0
    var notOpened = 0
    /// Connections that ended before they should.
    var lost = 0
    /// Why the first one ended, or did not open.
    var firstEnd: ConnectionEnd?
    var wrong = 0
    var unexpected = 0
    /// Due, but not sent: too much was waiting for the server already.
    var unsent = 0
    var missing = 0
    var disordered = 0

    /// Counts one more that took so long.
    mutating func complete(_ nanoseconds: Int64) {
        completed += 1
        latency.record(nanoseconds)
    }

    /// Adds all that `other` has counted.
    mutating func merge(_ other: BenchTally) {
        latency.merge(other.latency)
        delay.merge(other.delay)
        completed += other.completed
        awaited += other.awaited
        opened += other.opened
        notOpened += other.notOpened
        lost += other.lost
        firstEnd = firstEnd ?? other.firstEnd
        wrong += other.wrong
        unexpected += other.unexpected
        unsent += other.unsent
        missing += other.missing
        disordered += other.disordered
    }
}
