import Membership
import Placement
import Primitives

// A process that starts asks for its name before its machines begin.
extension ClusterMachine {
    /// Inputs that come before the machines begin, the latest of each kind.
    struct Waiting: Sendable {
        var seedsResolved: [SocketAddress]?
        var seedsKnown: [SocketAddress]?
        var isLeaving = false
    }

    /// Takes an input while this process may not show itself: what its machines would say goes by
    /// its name, so they do not begin.
    mutating func ask(_ input: Input, now: Instant, _ actions: inout [Action]) {
        switch input {
        case .timerFired: admission?.begin(now: now)
        case .membership(.seedsResolved(let seeds)):
            waiting.seedsResolved = seeds
            admission?.meet(seeds, now: now)
        case .ownership(.seedsKnown(let seeds)):
            waiting.seedsKnown = seeds
            admission?.meetAll(seeds, of: ownership, now: now)
        case .ownership(.leave): waiting.isLeaving = true
        case .ownership(.stay): waiting.isLeaving = false
        case .inquiry(let bytes, let address): hear(bytes, at: address, now: now, &actions)
        case .membership, .ownership, .rollCall, .sessionsCounted, .clockHeard, .resumed: break
        }
        switch admission?.outcome(now: now) {
        case .held(let holder):
            isDenied = true
            actions.append(.denied(holder: holder))
        case .free: begin(now: now, &actions)
        case .asking, nil:
            let question = ownership.inquiry().encoded
            for target in admission?.due(now: now) ?? [] {
                actions.append(.inquire(question, to: target))
            }
            guard let next = admission?.askAt, next != wake || input == .timerFired else { return }
            wake = next
            actions.append(.wake(at: next))
        }
    }

    private mutating func begin(now: Instant, _ actions: inout [Action]) {
        admission = nil
        actions.append(.named)
        swim.begin(now: now)
        // A newcomer waits for links, of which there are none yet.
        take(.ownership(.linked([:])), now: now, &actions)
        take(.timerFired, now: now, &actions)
        if let seeds = waiting.seedsResolved {
            take(.membership(.seedsResolved(seeds)), now: now, &actions)
        }
        if let seeds = waiting.seedsKnown {
            take(.ownership(.seedsKnown(seeds)), now: now, &actions)
        }
        if waiting.isLeaving { take(.ownership(.leave), now: now, &actions) }
        waiting = Waiting()
        conclude(.timerFired, now: now, &actions)
    }

    mutating func hear(
        _ bytes: ArraySlice<UInt8>,
        at address: SocketAddress,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let inquiry = try? Inquiry(decoding: bytes) else {
            return ownTally.count("bad_inquiry")
        }
        switch inquiry {
        case .answer(let verdict, let run, let id):
            guard run == ownership.run else { return }
            admission?.take(verdict, of: id, at: address, now: now)
        case .ask(let member, let cluster, let isPredecessorDead, let isRelayed):
            let verdict = ownership.verdict(
                on: member,
                of: cluster,
                isPredecessorDead: isPredecessorDead,
                now: now
            )
            if let verdict {
                let answer = Inquiry.answer(verdict, to: member.run, from: ownership.local.id)
                let receiver = isRelayed ? member.address : address
                return actions.append(.inquire(answer.encoded, to: receiver))
            }
            guard !isRelayed, !isAsking, ownership.isMember, !ownership.isVoter else { return }
            let question = Inquiry.ask(
                member,
                cluster,
                isPredecessorDead: isPredecessorDead,
                isRelayed: true
            )
            for voter in ownership.view.voters {
                guard let address = ownership.view.member(voter)?.address else { continue }
                actions.append(.inquire(question.encoded, to: address))
            }
        }
    }
}
