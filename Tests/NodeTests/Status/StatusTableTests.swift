import Testing

@testable import Node

@Suite struct StatusTableTests {
    private static let head = """
        Cluster rookery, seen by node-1 (Rookery 0.1.0) at 2026-11-23T22:00:00Z
        View 7 (stable 6), voters node-1 node-2 node-3, leader node-1
        Ring 00c0ffee00000001, 2 members, the nodes do not agree yet

        ! node-2 is at view 6
        ! node-2 has ring 00000000000000fe
        ! node-2 has no lease: its objects stand still
        ! node-2 waits for node-1 node-3
        ! node-2 keeps 3 sessions without an owner
        ! node-2 does not run Counter Echo
        ! node-2 has no link to node-1
        ! node-3 does not answer


        """

    private static let tail = """

        CLASS    OBJECTS  NODES
        Counter        4      1
        Room       1,201      2

        DROPPED OR REFUSED    COUNT
        gossip.bad_signature      2
        session.too_slow      1,001

        """

    @Test func `a table for a wide screen`() {
        let left = """
            NODE    STATE              LEASE      UP  OBJECTS  CLIENTS  SESSIONS  LINKS
            node-1  alive              1.9 s  2h 13m    1,204    3,100     2,900    1/1
            node-2  suspect, joining  frozen     59s        1        0         0    0/1
            node-3  dead                   -       -        -        -         -      -
            """
        let right = """
                RTT  WEIGHT  EPOCH  CLIENT ADDRESS  PEER ADDRESS
                  -     100      7  10.0.0.1:8001   10.0.0.1:7001
              12 ms     200      6  10.0.0.2:8001   10.0.0.2:7001
                  -     300      -  10.0.0.3:8001   10.0.0.3:7001
            """
        let lines = zip(left.split(separator: "\n"), right.split(separator: "\n"))
        let table = lines.map { $0 + $1 + "\n" }.joined()
        #expect(StatusTable.text(of: .example, width: 140) == Self.head + table + Self.tail)
    }

    @Test func `numbers that no node can have do not end the program`() {
        var report = StatusReport.example
        for index in report.nodes.indices {
            report.nodes[index].figures?.objects.byClass = ["Room": .max]
            report.nodes[index].figures?.counters = ["x": .max]
            report.nodes[index].figures?.uptimeSeconds = .infinity
            report.nodes[index].figures?.leaseMilliseconds = .max
            report.nodes[index].figures?.sessions.parked = .max
        }
        #expect(StatusTable.text(of: report).contains("node-2"))
    }

    @Test func `a table for a narrow screen leaves out what matters least`() {
        let table = """
            NODE    STATE              LEASE      UP  OBJECTS  CLIENTS  CLIENT ADDRESS
            node-1  alive              1.9 s  2h 13m    1,204    3,100  10.0.0.1:8001
            node-2  suspect, joining  frozen     59s        1        0  10.0.0.2:8001
            node-3  dead                   -       -        -        -  10.0.0.3:8001

            """
        #expect(StatusTable.text(of: .example, width: 80) == Self.head + table + Self.tail)
    }

    @Test func `a cluster that is well has nothing to look at`() {
        var report = StatusReport.example
        report.view.stableEpoch = 7
        report.view.voters = ["node-1"]
        report.view.converged = true
        report.members = [report.members[0]]
        report.nodes = [report.nodes[0]]
        report.nodes[0].figures?.objects = .init()
        report.nodes[0].figures?.counters = [:]
        #expect(
            StatusTable.text(of: report, width: 80) == """
                Cluster rookery, seen by node-1 (Rookery 0.1.0) at 2026-11-23T22:00:00Z
                View 7 (stable 7), voter node-1, leader node-1
                Ring 00c0ffee00000001, 2 members, all nodes agree

                NODE    STATE  LEASE      UP  OBJECTS  CLIENTS  SESSIONS  RTT  CLIENT ADDRESS
                node-1  alive  1.9 s  2h 13m        0    3,100     2,900    -  10.0.0.1:8001

                """
        )
    }

    @Test func `since when the nodes agree, or do not, is told`() {
        var report = StatusReport.example
        report.view.disagreeSince = "2026-11-23T21:59:48.250Z"
        let disagree = "the nodes do not agree yet, since 2026-11-23T21:59:48.250Z, 11s ago\n"
        #expect(StatusTable.text(of: report).contains(disagree))
        report.view.converged = true
        report.view.agreedSince = "2026-11-23T20:00:00.000Z"
        let agree = "all nodes agree, since 2026-11-23T20:00:00.000Z, 2h 0m ago\n"
        #expect(StatusTable.text(of: report).contains(agree))
        report.view.agreedSince = "long ago"
        #expect(StatusTable.text(of: report).contains("all nodes agree\n"))
    }

    @Test func `without a leader and without a lease that is said`() {
        var report = StatusReport.example
        report.view.leader = nil
        report.nodes[1].figures?.stableEpoch = nil
        let text = StatusTable.text(of: report)
        #expect(text.contains("voters node-1 node-2 node-3, no leader\n"))
        #expect(!text.contains("frozen"), "a Rookery without views has no leases to speak of")
    }

    @Test func `a node that refuses new clients for want of memory says so`() {
        var report = StatusReport.example
        let line = "! node-1 refuses new clients: too much waits in its memory\n"
        #expect(!StatusTable.text(of: report).contains(line))
        report.nodes[0].figures?.buffers?.isBusy = true
        #expect(StatusTable.text(of: report).contains(line))
    }

    @Test func `while nodes are replaced it says what they speak, and who is behind`() {
        var report = StatusReport.example
        func link(_ node: String, _ version: Int?) -> NodeReport.Link {
            .init(node: node, isUp: version != nil, version: version)
        }
        report.nodes[0].figures?.links = [link("node-2", 2), link("node-3", 2)]
        #expect(StatusTable.text(of: report).contains("(Rookery 0.1.0, link version 2) at"))
        report.nodes[0].figures?.links = [link("node-2", 2), link("node-3", 3)]
        report.nodes[1].figures?.links = [link("node-1", 2), link("node-3", nil)]
        let text = StatusTable.text(of: report)
        #expect(text.contains("(Rookery 0.1.0, link versions 2, 3) at"))
        #expect(text.contains("! node-2 speaks link version 2, and others 3\n"))
        #expect(!text.contains("! node-1 speaks"))
    }

    @Test(arguments: 20...140)
    func `no line of the tables is wider than the screen`(width: Int) {
        let lines = StatusTable.text(of: .example, width: width).split(separator: "\n")
        let table = lines.filter { $0.hasPrefix("NODE") || $0.hasPrefix("node-") }
        #expect(table.count == 4)
        #expect(table.allSatisfy { $0.count <= width })
    }

    @Test func `nothing in a report can move the cursor`() {
        var report = StatusReport.example
        report.nodes[0].figures?.counters = ["\u{1B}[2J": 1]
        report.cluster = "a\nb\u{7F}"
        let text = StatusTable.text(of: report)
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\u{7F}"))
        #expect(text.hasPrefix("Cluster a?b?, seen by node-1"))
    }
}
