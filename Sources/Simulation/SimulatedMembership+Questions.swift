package import Membership
package import Primitives

/// What the author of a test asks of a run.
extension SimulatedMembership {
    package func machine(_ number: Int) -> SwimMachine? { machines[number].swim }

    package func id(_ number: Int) -> NodeID { machines[number].id }

    package func isRunning(_ number: Int) -> Bool { machines[number].swim != nil }

    package var runningNodes: [Int] { machines.indices.filter { machines[$0].swim != nil } }

    /// What `observer` holds of `subject`; nil when it does not know it, or does not run.
    package func status(of subject: Int, at observer: Int) -> MemberStatus? {
        machines[observer].swim?.member(machines[subject].id)?.status
    }

    /// True when everybody who runs holds exactly those who run for alive, and all tables agree.
    package var isConverged: Bool {
        let running = runningNodes
        guard let first = running.first, let expected = machines[first].swim else { return true }
        return running.allSatisfy { number in
            guard let swim = machines[number].swim else { return false }
            return swim.liveCount == running.count && swim.tableDigest == expected.tableDigest
                && swim.hasNoSuspect
        }
    }

    /// When somebody first saw `subject` in `status`, at or after `begin`.
    package func firstObserved(
        _ status: MemberStatus,
        of subject: Int,
        since begin: Instant
    ) -> Instant? {
        observations.first {
            $0.subject == subject && $0.status == status && $0.at >= begin
        }?.at
    }

    /// When the last of those who run now saw `subject` in `status`; nil when one never did.
    package func allObserved(
        _ status: MemberStatus,
        of subject: Int,
        since begin: Instant
    ) -> Instant? {
        let seen = observations.filter {
            $0.subject == subject && $0.status == status && $0.at >= begin
        }
        let others = runningNodes.filter { $0 != subject }
        let observers = Set(seen.map(\.observer))
        return observers.isSuperset(of: others) ? seen.last?.at : nil
    }

    /// Deaths that were seen of processes which did run.
    package var falseDeaths: [Observation] {
        observations.filter { $0.status == .dead && $0.wasRunning }
    }

    /// The counts of all machines together, the ended ones included.
    package var tally: Tally {
        var sum = tallyOfEnded
        for machine in machines { if let swim = machine.swim { sum.add(swim.tally) } }
        return sum
    }

    /// Bytes of payload that a node has sent, in datagrams and on links.
    package func bytesSent(by number: Int) -> Int { machines[number].bytesSent }

    package func datagramsSent(by number: Int) -> Int { machines[number].datagramsSent }
}
