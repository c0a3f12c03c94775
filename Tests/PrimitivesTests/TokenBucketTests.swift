import Testing

@testable import Primitives

@Suite struct TokenBucketTests {
    private static let start = Instant(nanoseconds: 5_000_000_000)

    /// A bucket that expectations may take from.
    private final class Tap {
        private var bucket: TokenBucket

        init(_ rate: Int) throws {
            bucket = try #require(TokenBucket(rate: rate, now: TokenBucketTests.start))
        }

        func take(_ count: Int, after time: Duration = .zero) -> Duration? {
            bucket.take(count, at: TokenBucketTests.start.advanced(by: time))
        }
    }

    @Test func `a rate of nothing is no limit`() {
        #expect(TokenBucket(rate: 0, now: Self.start) == nil)
    }

    @Test(arguments: [1, 3, 7, 100, 999_999_937])
    func `as many as the rate come at once, and one more has to wait`(rate: Int) throws {
        let tap = try Tap(rate)
        #expect(tap.take(rate) == nil)
        let wait = try #require(tap.take(1))
        #expect(wait <= .seconds(1))
        #expect(tap.take(1, after: wait - .nanoseconds(1)) != nil)
        #expect(tap.take(1, after: wait) == nil)
    }

    @Test(arguments: [1, 3, 7, 100])
    func `one by one as many fit as the rate says`(rate: Int) throws {
        let tap = try Tap(rate)
        for _ in 1...rate { #expect(tap.take(1) == nil) }
        #expect(tap.take(1) != nil)
    }

    @Test func `what is refused costs nothing`() throws {
        let tap = try Tap(10)
        #expect(tap.take(10) == nil)
        for _ in 1...50 { #expect(tap.take(1) == .milliseconds(100)) }
        #expect(tap.take(1, after: .milliseconds(100)) == nil)
    }

    @Test func `what is not used adds up to a second's worth`() throws {
        let tap = try Tap(10)
        #expect(tap.take(10) == nil)
        #expect(tap.take(6, after: .milliseconds(500)) == .milliseconds(100))
        #expect(tap.take(5, after: .milliseconds(500)) == nil)
        #expect(tap.take(10, after: .seconds(60)) == nil)
        #expect(tap.take(1, after: .seconds(60)) == .milliseconds(100))
    }

    @Test func `more than a second's worth is taken from a full one and owed`() throws {
        let tap = try Tap(1_000)
        #expect(tap.take(1) == nil)
        #expect(tap.take(5_000) == .milliseconds(1))
        #expect(tap.take(5_000, after: .milliseconds(1)) == nil)
        #expect(tap.take(1, after: .milliseconds(1)) == .milliseconds(4_001))
        #expect(tap.take(1, after: .milliseconds(4_002)) == nil)
    }

    @Test func `no count is too large or too small`() throws {
        let tap = try Tap(1)
        #expect(tap.take(.max) == nil)
        #expect(tap.take(1, after: .seconds(1_000_000)) != nil)
        let other = try Tap(1)
        #expect(other.take(-1) == nil)
        #expect(other.take(1) == nil)
        #expect(other.take(1) != nil)
    }
}
