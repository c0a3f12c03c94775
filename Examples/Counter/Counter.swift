import Rookery

/// Counts under its own name, and reports to the total.
actor Counter: DurableObject {
    static let calls: [any AnyObjectCall] = [add, read]
    /// A counter that forgot after ten quiet seconds would be of no use.
    static let staysInMemory = true

    /// How many bytes a counter's name may have.
    static let nameByteCountMax = 64

    /// How much can be added at once.
    static let amounts = 1...100

    /// What a counter does not do, as its callers get it.
    enum Refusal: Error, Codable, Equatable {
        case notAnAmount(Int, from: Int, to: Int)
        case tooManyCounters(limit: Int)
    }

    /// Where a counter stands, and the total that came of it.
    struct Reading: Codable, Equatable, Sendable {
        var name: String
        var count: Int
        /// Nil when it was not asked for, or the object that knows it could not be reached.
        var total: Int?
    }

    /// Adds an amount.
    static let add = ObjectCall("add", throws: Refusal.self) {
        (counter: isolated Counter, amount: Int) in
        try await counter.add(amount)
    }

    /// Adds nothing.
    static let read = ObjectCall("read") { (counter: isolated Counter) in counter.reading }

    let context: ObjectContext
    private var count = 0

    init(context: ObjectContext) { self.context = context }

    private var reading: Reading { Reading(name: context.name, count: count) }

    private func add(_ amount: Int) async throws -> Reading {
        let (from, to) = (Self.amounts.lowerBound, Self.amounts.upperBound)
        guard Self.amounts.contains(amount) else {
            throw Refusal.notAnAmount(amount, from: from, to: to)
        }
        count += amount
        var reading = reading
        do {
            // The count itself and not what was added: a report that comes twice, or after one that
            // was lost, is still right.
            reading.total = try await context.env.object(Total.self, named: Total.name)
                .call(Total.report, reading)
        } catch let error as Total.Full {
            count -= amount
            throw Refusal.tooManyCounters(limit: error.limit)
        } catch is StubError {
            // It is counted here all the same, and told with the next report.
        }
        return reading
    }

    func snapshot() throws -> Snapshot? { try Snapshot(encoding: count) }

    func didTakeOver(_ takeOver: TakeOver) throws {
        count = try takeOver.snapshot?.decoded() ?? 0
    }
}
