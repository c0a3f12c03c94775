import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct RoundTripTests {
    @Test func `nothing is known before the first sample`() {
        #expect(RoundTrip().smoothed == nil)
        #expect(RoundTrip().slow == nil)
    }

    @Test func `the first sample is the mean, with half of it for deviation`() {
        var roundTrip = RoundTrip()
        roundTrip.measure(.milliseconds(10))
        #expect(roundTrip.smoothed == .milliseconds(10))
        #expect(roundTrip.slow == .milliseconds(25))
    }

    @Test func `equal samples bring the slow one down to the mean`() throws {
        var roundTrip = RoundTrip()
        for _ in 0..<100 { roundTrip.measure(.milliseconds(10)) }
        #expect(roundTrip.smoothed == .milliseconds(10))
        #expect(try #require(roundTrip.slow) < .microseconds(10_020))
    }

    @Test func `samples of no time and of a year are taken without harm`() throws {
        var roundTrip = RoundTrip()
        roundTrip.measure(.zero)
        #expect(roundTrip.smoothed == .microseconds(1))
        roundTrip.measure(.seconds(365 * 24 * 3_600))
        #expect(try #require(roundTrip.smoothed) > .seconds(60))
    }
}
