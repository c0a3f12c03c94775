import Rookery
import Testing

@testable import counter

@Suite struct CounterTests {
    @Test func `a report that comes twice counts once`() throws {
        var ledger = Ledger()
        for reading in [("a", 3), ("b", 4), ("a", 3), ("a", 5)] {
            try ledger.enter(Counter.Reading(name: reading.0, count: reading.1))
        }
        #expect(ledger.counts == ["a": 5, "b": 4])
        #expect(ledger.sum == 9)
    }

    @Test func `a new counter is refused when there are too many and a known one is not`() throws {
        var ledger = Ledger()
        for number in 1...Ledger.counterCountMax {
            try ledger.enter(Counter.Reading(name: "\(number)", count: 1))
        }
        #expect(throws: Total.Full(limit: Ledger.counterCountMax)) {
            try ledger.enter(Counter.Reading(name: "one more", count: 1))
        }
        try ledger.enter(Counter.Reading(name: "7", count: 2))
        #expect(ledger.sum == Ledger.counterCountMax + 1)
    }

    @Test func `the counters of an answer are in the order of their names`() throws {
        var ledger = Ledger()
        for name in ["b", "c", "a"] { try ledger.enter(Counter.Reading(name: name, count: 1)) }
        #expect(TotalAnswer(ledger).counters.map(\.name) == ["a", "b", "c"])
        #expect(TotalAnswer(ledger).total == 3)
    }

    @Test func `the page needs nothing from elsewhere`() {
        expectSelfContained(PackageResources.page_html)
    }
}
