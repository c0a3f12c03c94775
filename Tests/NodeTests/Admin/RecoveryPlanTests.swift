import Primitives
import Testing

@testable import Node

@Suite struct RecoveryPlanTests {
    /// Node 1 of three voters, asked when the two others are gone.
    private var report: StatusReport {
        var report = StatusReport.example
        report.nodes[1].figures = nil
        return report
    }

    private func error(_ report: StatusReport, _ numbers: Int...) -> RecoveryPlanError? {
        do throws(RecoveryPlanError) {
            _ = try RecoveryPlan(report, survivors: numbers.map(node))
            return nil
        } catch {
            return error
        }
    }

    @Test func `who is not named is given up`() throws {
        let plan = try RecoveryPlan(report, survivors: [node(1)])
        #expect(plan.survivors == ["node-1"])
        #expect(plan.lost == ["node-2", "node-3"])
        #expect(plan.text.hasPrefix("Cluster rookery is to go on with node-1,\n"))
        #expect(plan.text.contains("give up node-2, node-3 for ever"))
        let two = try RecoveryPlan(report, survivors: [node(2), node(1)])
        #expect(two.survivors == ["node-2", "node-1"])
        #expect(two.lost == ["node-3"])
    }

    @Test func `a voter that gossip has forgotten is given up by name`() throws {
        var report = report
        report.members.removeLast()
        #expect(try RecoveryPlan(report, survivors: [node(1)]).lost == ["node-2", "node-3"])
    }

    @Test func `a slip of the pen gives up nobody`() {
        #expect(error(report, 1, 4) == .unknownMember("node-4"))
        #expect(error(report, 2) == .askedNodeMissing("node-1"))
        #expect(error(report, 1, 2, 3) == .nobodyLost)
    }

    @Test func `a node that answers is not given up`() {
        #expect(error(.example, 1) == .answers("node-2"))
        #expect(error(.example, 1, 3) == .answers("node-2"))
    }

    @Test func `a cluster with a majority needs no recovery`() {
        #expect(error(.example, 1, 2) == .hasMajority)
        var alone = report
        alone.view.voters = ["node-1"]
        #expect(error(alone, 1) == .hasMajority)
        alone.view.voters = ["node-2"]
        #expect(error(alone, 1) == nil)
    }

    @Test func `the explanation says what is at stake and that nothing was done`() {
        #expect(RecoveryPlan.explanation.contains("two instances"))
        #expect(RecoveryPlan.explanation.contains("Nothing was done"))
        let lines = RecoveryPlan.explanation.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
    }
}

@Suite struct ObjectLocationTests {
    @Test func `a location is a table of one row`() throws {
        let key = try #require(ObjectKey(className: "Counter", name: "visits"))
        let location = ObjectLocation(
            key,
            partition: 12_345,
            owner: "node-2",
            epoch: 7,
            state: .live
        )
        #expect(
            location.text == """
                CLASS    NAME    PARTITION  OWNER   EPOCH  STATE
                Counter  visits      12345  node-2      7  live

                """
        )
    }

    @Test func `a name cannot move the cursor, and no owner is a hyphen`() throws {
        let key = try #require(ObjectKey(className: "Counter", name: "\u{1B}[2J\r\n"))
        let location = ObjectLocation(key, partition: 0, owner: nil, epoch: 0, state: .unknown)
        #expect(
            location.text == """
                CLASS    NAME    PARTITION  OWNER  EPOCH  STATE
                Counter  ?[2J??          0  -          0  unknown

                """
        )
    }
}
