import Primitives
import Testing

@Suite struct TallyTests {
    @Test func `what never happened counts zero`() {
        #expect(Tally()["anything"] == 0)
        #expect(Tally().counts.isEmpty)
    }

    @Test func `each reason has its own count`() {
        var tally = Tally()
        tally.count("late")
        tally.count("late")
        tally.count("cut", by: 5)
        #expect(tally.counts == ["late": 2, "cut": 5])
        #expect(tally["late"] == 2)
    }

    @Test func `tallies add up reason by reason`() {
        var tally = Tally()
        tally.count("late", by: 2)
        var other = Tally()
        other.count("late", by: 3)
        other.count("cut")
        tally.add(other)
        #expect(tally.counts == ["late": 5, "cut": 1])
        #expect(other.counts == ["late": 3, "cut": 1])
    }
}
