import Testing

@testable import Node

/// The lines with `!` of `rook status`.
@Suite struct StatusTroublesTests {
    private func troubles(_ change: (inout StatusReport) -> Void) -> [String] {
        var report = StatusReport.example
        let before = Set(report.troubles)
        change(&report)
        return report.troubles.filter { !before.contains($0) }
    }

    @Test func `a member that the view has given up is named`() {
        let lines = troubles { $0.nodes.removeLast() }
        #expect(
            lines == ["! node-3 is dead, and no member any more: it joins when it is started again"]
        )
        let left = troubles {
            $0.nodes.removeLast()
            $0.members[2].state = .left
        }
        #expect(left.isEmpty)
    }

    @Test func `too few voters are no agreement, and are said`() {
        let few = troubles {
            $0.view.members = 3
            $0.view.voters = ["node-1"]
        }
        #expect(few == ["! there is 1 voter where 3 can be"])
        let silent = troubles { $0.nodes[1].figures = nil }
        #expect(
            silent.first
                == "! of 3 voters only 1 can be reached and 2 must be: start those of node-2 node-3"
                + " that are gone"
        )
        #expect(troubles { $0.view.voters = [] }.isEmpty, "of a cluster that is not founded")
    }

    @Test func `who is no member says so, but for one that has left in good order`() {
        let line = "! node-2 is no member: it runs nothing, and its log says what it waits for"
        #expect(troubles { $0.nodes[1].figures?.role = nil } == [line])
        let left = troubles {
            $0.nodes[1].figures?.role = nil
            $0.nodes[1].figures?.service = "left"
        }
        #expect(left.isEmpty)
    }

    @Test func `a disk that failed and what cannot be are more than a count`() {
        let lines = troubles {
            $0.nodes[0].figures?.counters = ["disk_failed": 1, "impossible_two_rings": 2]
        }
        #expect(
            lines == [
                "! node-1 cannot write its state and votes no more: mend the disk, restart",
                "! node-1 has seen something impossible: impossible_two_rings, see its log",
            ]
        )
    }

    @Test func `a clock that is wrong is told with the node that it was compared with`() {
        let lines = troubles {
            $0.nodes[1].figures?.clock = .init(aheadMilliseconds: -3_200, errorMilliseconds: 1)
        }
        #expect(lines == ["! node-2 has a clock that is 3.2 s behind that of node-1"])
        let near = troubles {
            $0.nodes[1].figures?.clock = .init(aheadMilliseconds: 20, errorMilliseconds: 1)
        }
        #expect(near.isEmpty)
    }
}
