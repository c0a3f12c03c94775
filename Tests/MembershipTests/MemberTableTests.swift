import Primitives
import Testing

@testable import Membership

@Suite struct MemberTableTests {
    private func table(membersMax: Int = 4_096) -> MemberTable {
        var settings = SwimSettings()
        settings.membersMax = membersMax
        return MemberTable(local: member("a"), settings: settings, now: .zero)
    }

    private func dead() -> Standing { member("b", .dead).standing }

    @Test func `the last place is given, and one more member is refused`() {
        var table = table(membersMax: 3)
        #expect(table.add(member("b"), now: .zero) == 1)
        #expect(table.add(member("c"), now: .zero) == 2)
        #expect(table.add(member("d"), now: .zero) == nil)
        #expect(table.slot(of: node("d")) == nil)
    }

    @Test func `a full table forgets whoever has been gone longest`() {
        var table = table(membersMax: 3)
        _ = table.add(member("b"), now: .zero)
        _ = table.add(member("c"), now: .zero)
        table.settle(2, as: dead(), record: nil, now: Instant(nanoseconds: 1))
        table.settle(1, as: dead(), record: nil, now: Instant(nanoseconds: 2))
        #expect(table.departedCount == 2)
        #expect(table.add(member("d"), now: Instant(nanoseconds: 3)) == 2)
        #expect(table.slot(of: node("c")) == nil)
        #expect(table.slot(of: node("b")) == 1)
        #expect(table.departedCount == 1)
    }

    @Test func `a place is used again once its memory has expired`() {
        var table = table()
        _ = table.add(member("b"), now: .zero)
        table.settle(1, as: dead(), record: nil, now: .zero)
        let week = Instant.zero.advanced(by: .seconds(7 * 24 * 3_600))
        #expect(!table.hasExpired(1, now: week))
        #expect(table.add(member("c"), now: week) == 2)
        let later = week.advanced(by: .nanoseconds(1))
        #expect(table.hasExpired(1, now: later))
        #expect(table.add(member("d"), now: later) == 1)
        #expect(table.slot(of: node("b")) == nil)
    }

    @Test func `equal members give equal digests in any order, whoever is local`() {
        var first = table()
        _ = first.add(member("b"), now: .zero)
        _ = first.add(member("c"), now: .zero)
        var second = MemberTable(local: member("c"), settings: SwimSettings(), now: .zero)
        _ = second.add(member("a"), now: .zero)
        #expect(first.digest != second.digest)
        _ = second.add(member("b"), now: .zero)
        #expect(first.digest == second.digest)
    }

    @Test func `a digest changes with every part of a standing, and not with the departed`() {
        var table = table()
        let alone = table.digest
        _ = table.add(member("b"), now: .zero)
        var digests = [alone, table.digest]
        let standings = [
            member("b", .suspect).standing, member("b", refutation: 1).standing,
            member("b", incarnation: 2).standing,
        ]
        for standing in standings {
            table.settle(1, as: standing, record: nil, now: .zero)
            digests.append(table.digest)
        }
        #expect(Set(digests).count == digests.count)
        table.settle(1, as: dead(), record: nil, now: .zero)
        #expect(table.digest == alone)
    }

    @Test func `a new process of a member has not been measured`() {
        var table = table()
        _ = table.add(member("b"), now: .zero)
        table.measureRoundTrip(.milliseconds(1), of: 1)
        #expect(table.rows[1].roundTrip.smoothed == .milliseconds(1))
        table.settle(1, as: member("b", incarnation: 2).standing, record: nil, now: .zero)
        #expect(table.rows[1].roundTrip.smoothed == nil)
    }
}
