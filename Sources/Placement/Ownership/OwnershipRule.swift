/// Rules of the protocol that a test can switch off to show that its checker would notice.
enum OwnershipRule: UInt8, CaseIterable, Sendable {
    /// A voter that may have decided a view without a run grants that run nothing (R2).
    case grants = 2
    /// What a removed run may still hold is waited for (R4).
    case fences = 4
    /// A voter that restarted takes every promise for given (R5a).
    case restarts = 50
    /// New voters take over what the former ones promised (R5b).
    case newVoters = 51
    /// A newcomer counts as granted when it is first seen (R5c).
    case newcomers = 52
    /// What a living run owned is waited for (R7).
    case releases = 7
    /// Where a run gets more classes it claims anew (R7).
    case gains = 70
    /// Where a run loses some of its classes it releases when they are stopped (R7).
    case losses = 71
    /// A view is stable only when everybody has released (R8).
    case stability = 8
    /// A run that was removed never returns (R9).
    case incarnations = 9
    /// A view that was accepted is finished (R12).
    case undecided = 12
}

// The switches exist in debug builds only: a release product has no storage for them, and the
// question below is a constant there.
#if DEBUG || ROOKERY_MUTATIONS
extension OwnershipMachine {
    /// Rules that this machine breaks on purpose.
    struct BrokenRules: Sendable { var rules: Set<OwnershipRule> = [] }

    /// Switches off the rule of this number; numbers of no rule do nothing.
    package mutating func breakRule(numbered number: UInt8) {
        guard let rule = OwnershipRule(rawValue: number) else { return }
        broken.rules.insert(rule)
        if rule == .restarts { promises.takeOver() }
    }

    func keeps(_ rule: OwnershipRule) -> Bool { !broken.rules.contains(rule) }
}
#else
extension OwnershipMachine {
    struct BrokenRules: Sendable {}

    @inline(__always)
    func keeps(_ rule: OwnershipRule) -> Bool { true }
}
#endif
