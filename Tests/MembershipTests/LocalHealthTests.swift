import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct LocalHealthTests {
    @Test func `the score stays between zero and its limit`() {
        var health = LocalHealth(scoreMax: 8)
        health.improve()
        #expect(health.multiplier == 1)
        health.worsen(by: 8)
        #expect(health.score == 8)
        health.worsen()
        #expect(health.score == 8)
        #expect(health.multiplier == 9)
        health.improve()
        #expect(health.score == 7)
    }
}
