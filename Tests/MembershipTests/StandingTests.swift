import Membership
import Primitives
import Testing

@Suite struct StandingTests {
    private static func standing(
        _ status: MemberStatus,
        _ refutation: UInt32,
        incarnation: UInt64 = 1
    ) -> Standing {
        Standing(status, incarnation: Incarnation(incarnation), refutation: refutation)
    }

    @Test func `claims are ordered by process, departure, refutation and status`() {
        let ascending = [
            Self.standing(.alive, 0), Self.standing(.suspect, 0), Self.standing(.dead, 0),
            Self.standing(.alive, 1), Self.standing(.suspect, 1), Self.standing(.dead, 1),
            Self.standing(.alive, .max), Self.standing(.dead, .max), Self.standing(.left, 0),
            Self.standing(.left, 1), Self.standing(.alive, 0, incarnation: 2),
            Self.standing(.left, 0, incarnation: .max),
        ]
        for (index, first) in ascending.enumerated() {
            for (otherIndex, other) in ascending.enumerated() {
                #expect((first < other) == (index < otherIndex), "\(first) < \(other)")
            }
        }
    }

    @Test func `alive and suspect are live, dead and left are not`() {
        #expect(MemberStatus.allCases.map(\.isLive) == [true, true, false, false])
        #expect(MemberStatus.allCases == MemberStatus.allCases.sorted())
    }
}
