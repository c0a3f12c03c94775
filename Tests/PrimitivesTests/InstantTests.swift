import Primitives
import Testing

@Suite struct InstantTests {
    @Test func `instants are ordered and apart by durations`() {
        let early = Instant(nanoseconds: 5)
        let late = early.advanced(by: .seconds(2))
        #expect(late.nanoseconds == 2_000_000_005)
        #expect(early < late)
        #expect(early.duration(to: late) == .seconds(2))
        #expect(late.duration(to: early) == .seconds(-2))
        #expect(late.advanced(by: .seconds(-2)) == early)
        #expect(early.description == "5ns")
    }

    @Test func `never plus something is never`() {
        #expect(Instant.distantFuture.advanced(by: .nanoseconds(1)) == .distantFuture)
        #expect(Instant.distantFuture.advanced(by: .seconds(Int64.max)) == .distantFuture)
        #expect(Instant.zero.advanced(by: .seconds(Int64.max)) == .distantFuture)
        #expect(Instant.distantFuture.advanced(by: .zero) == .distantFuture)
    }

    @Test func `going back too far ends at the earliest instant`() {
        let earliest = Instant(nanoseconds: .min)
        #expect(earliest.advanced(by: .nanoseconds(-1)) == earliest)
        #expect(Instant(nanoseconds: -2).advanced(by: .seconds(Int64.min)) == earliest)
    }

    @Test func `a duration between the ends of time saturates`() {
        let earliest = Instant(nanoseconds: .min)
        #expect(earliest.duration(to: .distantFuture) == .nanoseconds(Int64.max))
        #expect(Instant.distantFuture.duration(to: earliest) == .nanoseconds(Int64.min))
        #expect(Instant(nanoseconds: -1).duration(to: .distantFuture) == .nanoseconds(Int64.max))
    }
}

@Suite struct DurationTests {
    @Test(
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.milliseconds(3), 3_000_000),
            (.seconds(2) + .nanoseconds(7), 2_000_000_007),
            (.seconds(-2) + .nanoseconds(7), -1_999_999_993),
            (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.min), .min),
            (.nanoseconds(Int64.max) + .nanoseconds(1), .max),
            (.nanoseconds(Int64.min) - .nanoseconds(1), .min),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
        ] as [(Duration, Int64)]
    )
    func `a duration in whole nanoseconds saturates at both ends`(
        duration: Duration,
        nanoseconds: Int64
    ) {
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test(
        arguments: [
            0, 1, -1, 999_999_999, 9_223_372_036, 9_223_372_037, -9_223_372_036, -9_223_372_037,
            10_000_000_000, .max, .min,
        ] as [Int64]
    )
    func `a duration of whole nanoseconds is the one of the standard library`(count: Int64) {
        #expect(Duration(wholeNanoseconds: count) == .nanoseconds(count))
        #expect(Duration(wholeNanoseconds: count).nanoseconds == count)
    }

    @Test func `a short duration is as many nanoseconds as by a long division`() {
        let last = Int128(Int64.max)
        for attoseconds in [last, last + 1, -last, -last - 1, -last - 2, 1_999_999_999, -1] {
            let duration = Duration(attoseconds: attoseconds)
            #expect(duration.nanoseconds == duration.longNanoseconds)
        }
    }

    @Test func `parts of a nanosecond are cut off`() {
        let half = Duration(secondsComponent: 0, attosecondsComponent: 500_000_000)
        #expect(half.nanoseconds == 0)
        #expect((.nanoseconds(1) + half).nanoseconds == 1)
    }

    @Test func `durations are told in milliseconds and seconds`() {
        #expect(Duration.microseconds(2_999).milliseconds == 2)
        #expect(Duration.microseconds(-2_999).milliseconds == -2)
        #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
    }
}
