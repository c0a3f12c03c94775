/// Rules of sessions that a test can switch off to show that the checker would notice.
enum SessionRule: UInt8 {
    /// A session goes on with its next owner behind what the former one has handled.
    case resumeCounts = 101
    /// Who is not the owner takes no sessions.
    case epochRefusal = 102
    /// Without a lease an object handles nothing and says nothing.
    case leaseGate = 103
    /// What was taken over waits until every edge has brought its sessions.
    case rollCall = 104
    /// A session lets go of an owner that is no member any more.
    case fencedOutput = 105
}

// As with the rules of the ownership: a release product has no switch.
#if DEBUG || ROOKERY_MUTATIONS
import Placement

extension ClusterSimulation {
    func breaks(_ rule: SessionRule) -> Bool { options.brokenRules.contains(rule.rawValue) }

    func breakRules(of machine: inout OwnershipMachine) {
        for rule in options.brokenRules { machine.breakRule(numbered: rule) }
    }
}
#else
import Placement

extension ClusterSimulation {
    @inline(__always)
    func breaks(_ rule: SessionRule) -> Bool { false }

    func breakRules(of machine: inout OwnershipMachine) {}
}
#endif
