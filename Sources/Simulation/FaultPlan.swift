package import Primitives

/// Something that goes wrong, or comes right again, with numbered nodes.
package enum Fault: Equatable, Sendable {
    /// The process ends at once; the kernel closes its links.
    case kill(Int)
    /// The machine loses power: nobody closes anything.
    case powerLoss(Int)
    /// A new process of a node that does not run, on the same address.
    case restart(Int)
    /// The process is frozen for a while, and what arrives waits.
    case stall(Int, Duration)
    case leave(Int)
    case partition([[Int]])
    case cut(from: Int, to: Int)
    case endpointLoss(Int, Double)
    /// Ends partitions, cuts and losses of single nodes.
    case heal
    /// The loss of all datagrams from now on.
    case loss(Double)
}

/// What goes wrong when.
package struct FaultPlan: Equatable, Sendable {
    /// One fault and when it strikes.
    package struct Step: Equatable, Sendable {
        package var at: Instant
        package var fault: Fault

        package init(at: Instant, _ fault: Fault) {
            self.at = at
            self.fault = fault
        }
    }

    package var steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    /// A plan drawn from a seed, in which each kind of fault is on or off for the whole run.
    ///
    /// Plans that leave out some kinds find errors that a mixture of all hides (swarm testing;
    /// Groce et al., ISSTA 2012). The plan ends with everything healed and every node restarted,
    /// at `end`.
    package static func random(
        seed: UInt64,
        nodeCount: Int,
        from start: Instant,
        to end: Instant
    ) -> FaultPlan {
        var generator = SplitMix64(seed: seed)
        let kinds = Kind.allCases.filter { _ in Bool.random(using: &generator) }
        var plan = FaultPlan()
        var at = start
        while let kind = kinds.randomElement(using: &generator) {
            let pause = Int64.random(in: 500...8_000, using: &generator)
            at = at.advanced(by: .milliseconds(pause))
            guard at < end else { break }
            plan.steps.append(
                Step(at: at, kind.fault(nodeCount: nodeCount, using: &generator))
            )
        }
        plan.steps.append(Step(at: end, .heal))
        plan.steps.append(Step(at: end, .loss(0)))
        for node in 0..<nodeCount { plan.steps.append(Step(at: end, .restart(node))) }
        return plan
    }

    private enum Kind: CaseIterable {
        case kill
        case restart
        case stall
        case partition
        case cut
        case heal
        case loss

        func fault(nodeCount: Int, using generator: inout SplitMix64) -> Fault {
            let node = Int.random(in: 0..<nodeCount, using: &generator)
            let other = Int.random(in: 0..<nodeCount, using: &generator)
            switch self {
            case .kill: return Bool.random(using: &generator) ? .kill(node) : .powerLoss(node)
            case .restart: return .restart(node)
            case .stall:
                let length = Int64.random(in: 100...10_000, using: &generator)
                return .stall(node, .milliseconds(length))
            case .partition:
                let all = (0..<nodeCount).shuffled(using: &generator)
                return .partition([Array(all.prefix(other))])
            case .cut: return .cut(from: node, to: other)
            case .heal: return .heal
            case .loss: return .loss(Double.random(in: 0...0.1, using: &generator))
            }
        }
    }
}
