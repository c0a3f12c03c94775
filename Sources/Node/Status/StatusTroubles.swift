import Placement

// What an operator would want to know before anything else.
extension StatusReport {
    /// A line for each thing, with `!` in front: of the cluster, of each node, and of who is gone.
    var troubles: [String] {
        let ofNodes = nodes.flatMap { node in
            guard let figures = node.figures else { return ["\(node.name) does not answer"] }
            return troubles(of: node.name, figures).map { "\(node.name) \($0)" }
        }
        return (troublesOfVoters + ofNodes + troublesOfDead).map { "! \($0)" }
    }

    /// Without a majority of the voters nothing runs; with fewer than there can be the next loss stops
    /// all.
    private var troublesOfVoters: [String] {
        let silent = view.voters.filter { voter in
            nodes.first { $0.name == voter }?.figures == nil
        }
        let (count, needed) = (view.voters.count, view.voters.count / 2 + 1)
        guard count > 0 else { return [] }
        guard count - silent.count >= needed else {
            return [
                "of \(HumanUnits.plural(count, "voter")) only \(count - silent.count) can be reached"
                    + " and \(needed) must be: start those of \(silent.joined(separator: " "))"
                    + " that are gone"
            ]
        }
        let wanted = OwnershipMachine.voterCount(of: view.members)
        guard count < wanted else { return [] }
        return ["there is \(HumanUnits.plural(count, "voter")) where \(wanted) can be"]
    }

    /// Members that the view has given up.
    private var troublesOfDead: [String] {
        members.filter { member in
            member.state == .dead && !nodes.contains { $0.name == member.name }
        }.map { "\($0.name) is dead, and no member any more: it joins when it is started again" }
    }

    private func troubles(of name: String, _ figures: NodeReport.Figures) -> [String] {
        var troubles = standing(figures)
        // The lease and the service are told elsewhere.
        for check in figures.health?.checks ?? []
        where !check.passes && (check.name == .loops || check.name == .path) {
            troubles.append("is not well: \(check.reason ?? check.name.rawValue)")
        }
        if !figures.releasesAwaited.isEmpty {
            troubles.append("waits for \(figures.releasesAwaited.joined(separator: " "))")
        }
        if figures.sessions.parked > 0 {
            let parked = HumanUnits.plural(figures.sessions.parked, "session")
            troubles.append("keeps \(parked) without an owner")
        }
        if figures.buffers?.isBusy == true {
            troubles.append("refuses new clients: too much waits in its memory")
        }
        let lacking = classes.subtracting(figures.classes ?? Array(classes))
        if !lacking.isEmpty {
            troubles.append("does not run \(lacking.sorted().joined(separator: " "))")
        }
        if figures.version != version { troubles.append("runs Rookery \(figures.version)") }
        let latest = linkVersions.last ?? 0
        if let own = figures.linkVersions.max(), own < latest {
            troubles.append("speaks link version \(own), and others \(latest)")
        }
        if let clock = figures.clock, clock.isTooMuch {
            troubles.append("has a clock that is \(clock.text) that of \(node)")
        }
        troubles += counted(figures)
        return troubles + figures.links.filter { !$0.isUp }.map { "has no link to \($0.node)" }
    }

    /// Where it is in the cluster.
    private func standing(_ figures: NodeReport.Figures) -> [String] {
        var troubles: [String] = []
        if figures.epoch != view.epoch { troubles.append("is at view \(figures.epoch)") }
        if figures.ringHash != view.ringHash { troubles.append("has ring \(figures.ringHash)") }
        guard figures.stableEpoch != nil, figures.leaseMilliseconds == nil else { return troubles }
        // One that has left in good order has no lease either.
        if figures.role != nil {
            troubles.append("has no lease: its objects stand still")
        } else if figures.service != ServiceStatus.State.left.rawValue {
            troubles.append("is no member: it runs nothing, and its log says what it waits for")
        }
        return troubles
    }

    /// What one such count is enough for.
    private func counted(_ figures: NodeReport.Figures) -> [String] {
        let impossible = "impossible_"
        let seen = figures.counters.keys.sorted()
            .filter { $0.hasPrefix(impossible) && figures.counters[$0, default: 0] > 0 }
            .map { "has seen something impossible: \($0), see its log" }
        guard figures.counters["disk_failed", default: 0] > 0 else { return seen }
        return ["cannot write its state and votes no more: mend the disk, restart"] + seen
    }
}
