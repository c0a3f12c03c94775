import Membership
import Primitives
import Testing

@testable import Membership

/// A node id that is right by construction.
func node(_ name: String) -> NodeID {
    guard let id = NodeID(name) else { preconditionFailure("not a node id: \(name)") }
    return id
}

/// The address of the node with this one-letter name, 10.0.0.97:7000 for `a`.
func address(_ name: String) -> SocketAddress {
    let last = UInt32(name.utf8.last ?? 0)
    return SocketAddress(ip: .v4(0x0A00_0000 | last), port: 7_000)
}

func member(
    _ name: String,
    _ status: MemberStatus = .alive,
    incarnation: UInt64 = 1,
    refutation: UInt32 = 0
) -> Member {
    Member(
        id: node(name),
        incarnation: Incarnation(incarnation),
        address: address(name),
        weight: 100,
        refutation: refutation,
        status: status
    )
}

/// News about a member, by default from the accuser `z`.
func news(
    _ name: String,
    _ status: MemberStatus,
    incarnation: UInt64 = 1,
    refutation: UInt32 = 0,
    by accuser: String = "z"
) -> MemberUpdate {
    let subject = member(name, status, incarnation: incarnation, refutation: refutation)
    return MemberUpdate(about: subject, accuser: node(accuser).accuserMark)
}

/// An action with its bytes decoded and its address as the name of who is there.
enum Effect: Equatable {
    case datagram(SwimMessage, to: String)
    case stream(SwimMessage, to: String)
    case contact(String)
    case changed(String, MemberStatus, was: MemberStatus?)
    case superseded(by: UInt64)
    case undecodable
}

/// One machine, the local member `a`, and its clock.
struct Harness {
    var machine: SwimMachine
    var now = Instant.zero
    /// The instant of the latest `.wake`.
    private(set) var wake: Instant?

    /// A machine that knows `others` and has no news to spread.
    init(
        knowing others: [String] = [],
        seeds: [String] = [],
        settings: SwimSettings = SwimSettings(),
        seed: UInt64 = 1
    ) {
        machine = SwimMachine(
            local: member("a"),
            settings: settings,
            seeds: seeds.map(address),
            randomSeed: seed,
            now: .zero
        )
        _ = step(.timerFired)
        let table = SwimMessage(
            .table(answerWanted: false),
            updates: others.map { news($0, .alive) }
        )
        _ = step(.streamReceived(table.encoded[...], from: node("z")))
        guard !others.isEmpty else { return }
        machine.queue = GossipQueue()
        machine.deadlines.gossip = .zero
        _ = step(.timerFired)
    }

    /// Everything the machine wants done but the wake, which is kept.
    mutating func step(_ input: SwimMachine.Input, after delay: Duration = .zero) -> [Effect] {
        now = now.advanced(by: delay)
        var actions: [SwimMachine.Action] = []
        machine.handle(input, now: now, actions: &actions)
        return actions.compactMap { effect(of: $0) }
    }

    /// Lets the time of the latest wake come.
    mutating func stepAtWake() -> [Effect] {
        now = max(now, wake ?? now)
        return step(.timerFired)
    }

    /// Wakes the machine as it asks until `duration` has passed.
    mutating func run(for duration: Duration) -> [Effect] {
        let end = now.advanced(by: duration)
        var effects: [Effect] = []
        while let next = wake, next <= end { effects += stepAtWake() }
        now = end
        return effects
    }

    mutating func hear(_ message: SwimMessage, from name: String) -> [Effect] {
        hear(message, from: name, incarnation: 1)
    }

    mutating func hear(
        _ message: SwimMessage,
        from name: String,
        incarnation: UInt64
    ) -> [Effect] {
        step(
            .datagramReceived(
                message.encoded[...],
                from: node(name),
                incarnation: Incarnation(incarnation),
                address: address(name)
            )
        )
    }

    mutating func hearStream(_ message: SwimMessage, from name: String) -> [Effect] {
        step(.streamReceived(message.encoded[...], from: node(name)))
    }

    mutating func raiseLink(to name: String) -> [Effect] {
        step(.linkUp(node(name), Incarnation(1), address(name)))
    }

    func status(of name: String) -> MemberStatus? { machine.member(node(name))?.status }

    private mutating func effect(of action: SwimMachine.Action) -> Effect? {
        switch action {
        case .sendDatagram(let bytes, let address):
            decoded(bytes).map { .datagram($0, to: Self.name(address)) } ?? .undecodable
        case .sendStream(let bytes, let id):
            decoded(bytes).map { .stream($0, to: id.name) } ?? .undecodable
        case .contact(let address): .contact(Self.name(address))
        case .wake(let instant): keep(instant)
        case .changed(let member, let previous):
            .changed(member.id.name, member.status, was: previous)
        case .superseded(let incarnation): .superseded(by: incarnation.value)
        }
    }

    private mutating func keep(_ instant: Instant) -> Effect? {
        wake = instant
        return nil
    }

    private func decoded(_ bytes: [UInt8]) -> SwimMessage? {
        try? SwimMessage(decoding: bytes[...])
    }

    private static func name(_ address: SocketAddress) -> String {
        guard case .v4(let value) = address.ip else { return "?" }
        return String(UnicodeScalar(UInt8(truncatingIfNeeded: value)))
    }
}

extension [Effect] {
    /// The sequence number of the ping among these, if there is one.
    var pingSequence: UInt32? {
        for case .datagram(let message, _) in self {
            if case .ping(let sequence) = message.kind { return sequence }
        }
        return nil
    }

    /// Who is pinged.
    var pinged: [String] {
        compactMap { effect in
            guard case .datagram(let message, let name) = effect, case .ping = message.kind
            else { return nil }
            return name
        }
    }

    var contacts: [String] {
        compactMap { effect in
            guard case .contact(let name) = effect else { return nil }
            return name
        }
    }

    /// All news in datagrams.
    var gossiped: [MemberUpdate] {
        flatMap { effect -> [MemberUpdate] in
            guard case .datagram(let message, _) = effect else { return [] }
            return message.updates
        }
    }

    var changes: [Effect] {
        filter { effect in
            guard case .changed = effect else { return false }
            return true
        }
    }
}
