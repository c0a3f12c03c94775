import Membership
import Primitives
import Testing

@testable import Membership

/// The formulas of the detector against tables of their values.
@Suite struct FormulaTests {
    private let settings = SwimSettings()

    @Test(arguments: [
        (1.0, 0.0), (2, 0.693_147_180_559_945), (10, 2.302_585_092_994_046),
        (1_000, 6.907_755_278_982_137), (0.5, -0.693_147_180_559_945),
        (1.999_999, 0.693_146_680_559_820), (4_096, 8.317_766_166_719_343),
    ])
    func `the logarithm is right to 12 places`(value: Double, logarithm: Double) {
        #expect(abs(naturalLogarithm(of: value) - logarithm) < 1e-12)
    }

    @Test(arguments: [
        (1, 4), (9, 4), (10, 8), (99, 8), (100, 12), (999, 12), (1_000, 16), (4_096, 16),
    ])
    func `news is sent four times the digits of the members`(liveCount: Int, sends: Int) {
        #expect(settings.retransmits(liveCount: liveCount) == sends)
    }

    @Test(arguments: [
        (1, 15), (32, 15), (33, 30), (64, 30), (65, 45), (128, 45), (1_000, 90), (4_096, 120),
    ])
    func `tables are compared more rarely by more members`(liveCount: Int, seconds: Int) {
        #expect(settings.exchangeInterval(liveCount: liveCount) == .seconds(seconds))
    }

    @Test(arguments: [(2, 2.0), (10, 2.0), (30, 2.954), (100, 4.0), (300, 4.954), (1_000, 6.0)])
    func `the shortest suspicion grows with the logarithm of the members`(
        liveCount: Int,
        seconds: Double
    ) {
        let timing = timing(liveCount: liveCount)
        #expect(abs(timing.shortest.inSeconds - seconds) < 0.001)
        #expect(abs(timing.longest.inSeconds - 6 * timing.shortest.inSeconds) < 1e-6)
    }

    @Test(arguments: [(0, 12.0), (1, 5.691), (2, 2.0), (3, 2.0)])
    func `each confirmation shortens a suspicion`(count: Int, seconds: Double) {
        let duration = timing(liveCount: 10).duration(confirmationCount: count)
        #expect(abs(duration.inSeconds - seconds) < 0.001)
    }

    @Test(arguments: [(2, 0), (3, 0), (4, 2), (5, 2), (1_000, 2)])
    func `nobody waits for more confirmations than there can be`(liveCount: Int, expected: Int) {
        let timing = timing(liveCount: liveCount)
        #expect(timing.confirmationsMax == expected)
        if expected == 0 { #expect(timing.duration(confirmationCount: 0) == timing.shortest) }
    }

    @Test func `an unwell node waits longer before it calls somebody dead`() {
        let timing = timing(liveCount: 10, healthMultiplier: 9)
        #expect(timing.shortest == .seconds(18))
    }

    private func timing(liveCount: Int, healthMultiplier: Int = 1) -> SuspicionTiming {
        SuspicionTiming(
            liveCount: liveCount,
            healthMultiplier: healthMultiplier,
            settings: settings
        )
    }
}
