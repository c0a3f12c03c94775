import Rookery

/// What all counters have reported: one object for the whole cluster.
actor Total: DurableObject {
    static let calls: [any AnyObjectCall] = [report, read]
    static let staysInMemory = true
    /// The one name of this class that is used.
    static let name = "all"

    /// There are as many counters as there may be.
    struct Full: Error, Codable, Equatable {
        let limit: Int
    }

    /// The last word of a counter; answers with the sum of all.
    static let report = ObjectCall("report", throws: Full.self) {
        (total: isolated Total, reading: Counter.Reading) in
        try total.ledger.enter(reading)
        return total.ledger.sum
    }

    /// All that is known.
    static let read = ObjectCall("read") { (total: isolated Total) in total.ledger }

    let context: ObjectContext
    private var ledger = Ledger()

    init(context: ObjectContext) { self.context = context }

    func snapshot() throws -> Snapshot? { try Snapshot(encoding: ledger) }

    func didTakeOver(_ takeOver: TakeOver) throws {
        ledger = try takeOver.snapshot?.decoded() ?? Ledger()
    }
}

/// The last count of each counter.
struct Ledger: Codable, Equatable, Sendable {
    /// How many counters it has room for.
    static let counterCountMax = 1_000

    private(set) var counts: [String: Int] = [:]

    /// All counters together.
    var sum: Int { counts.values.reduce(0, +) }

    /// A counter's count in the place of the one before; a new counter is refused when it is full.
    mutating func enter(_ reading: Counter.Reading) throws(Total.Full) {
        guard counts[reading.name] != nil || counts.count < Self.counterCountMax else {
            throw Total.Full(limit: Self.counterCountMax)
        }
        counts[reading.name] = reading.count
    }
}
