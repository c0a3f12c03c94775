import Foundation
import Placement
import Primitives
import Transport
import Wire

/// Asks seeds what a node asks them that starts, and looks how they can be reached.
///
/// By UDP the question whether this node's name is free: who answers has the same secret and reaches
/// the address from which it was asked; voters whom a seed has asked answer to `peer.advertise`. Each
/// seed is asked by a run of its own, for the answer names the run and not the seed. By TCP the first
/// two steps of a link. Neither leaves a trace but in counters. Lives on its loop.
final class SeedProbe {
    /// How long a seed may take.
    static let patience = Duration.seconds(2)

    /// How a seed was reached by TCP.
    enum LinkResult: Equatable, Sendable {
        /// It is a node of this cluster, and knows one of our secrets.
        case known
        /// It hung up after our first word, or said another one.
        case refused(String)
        case unreachable(String)
    }

    struct Outcome: Sendable {
        /// What was said to the question that this seed was asked.
        var verdicts: [SocketAddress: NameVerdict] = [:]
        var links: [SocketAddress: LinkResult] = [:]
    }

    private let identity: NodeIdentity
    /// As whom each seed is asked.
    private let members: [SocketAddress: OwnershipMember]
    private let seeds: [SocketAddress]
    private let loop: EventLoop
    private let completed: (Outcome) -> Void
    private var outcome = Outcome()
    private var socket: DatagramSocket?
    private var sealer: GossipSealer
    private var opener: GossipOpener
    private var links: [LinkProbe] = []

    /// Asks from `local`, which must be free, or from any port where it is not.
    static func begin(
        _ identity: NodeIdentity,
        from local: SocketAddress,
        to seeds: [SocketAddress],
        on loop: EventLoop,
        completed: @escaping (Outcome) -> Void
    ) {
        SeedProbe(identity, seeds, loop, completed).begin(from: local)
    }

    private init(
        _ identity: NodeIdentity,
        _ seeds: [SocketAddress],
        _ loop: EventLoop,
        _ completed: @escaping (Outcome) -> Void
    ) {
        self.identity = identity
        self.seeds = seeds
        self.loop = loop
        self.completed = completed
        let first = identity.incarnation.value
        let asked = seeds.enumerated().map { index, seed in
            let incarnation = Incarnation(first &+ UInt64(index))
            let run = NodeRun(id: identity.id, incarnation: incarnation)
            return (seed, OwnershipMember(run: run, address: identity.address))
        }
        members = Dictionary(asked) { first, _ in first }
        sealer = identity.inquirySealer(using: loop.entropy)
        opener = identity.opener
    }

    private func begin(from local: SocketAddress) {
        for address in [local, local.with(port: 0)] where socket == nil {
            socket = try? DatagramSocket(on: address, loop: loop) { [weak self] bytes, _ in
                self?.received(bytes)
            }
        }
        try? socket?.start()
        for seed in seeds {
            let link = LinkProbe(identity, seed) { [weak self] in self?.took($0, of: seed) }
            links.append(link)
            link.begin(on: loop, within: Self.patience)
        }
        ask()
        // The timer keeps this alive until the time is over.
        loop.schedule(after: Self.patience + .milliseconds(200)) { [self] in conclude() }
    }

    /// Again and again, for a datagram may be lost.
    private func ask() {
        guard socket != nil else { return }
        for (seed, member) in members where outcome.verdicts[seed] == nil {
            let question = Inquiry.ask(member, .none, isPredecessorDead: false, isRelayed: false)
            let payload = GossipChannel.inquiry.payload(question.encoded)
            socket?.send(sealer.seal(payload), to: seed)
        }
        loop.schedule(after: .milliseconds(100)) { [weak self] in self?.ask() }
    }

    private func received(_ bytes: Span<UInt8>) {
        var datagram: [UInt8] = []
        datagram.append(copying: bytes)
        guard let envelope = try? opener.open(datagram),
            let (channel, message) = GossipChannel.split(envelope.payload), channel == .inquiry,
            let inquiry = try? Inquiry(decoding: message),
            case .answer(let verdict, let run, _) = inquiry,
            let seed = members.first(where: { $0.value.run == run })?.key
        else { return }
        outcome.verdicts[seed] = verdict
        concludeIfWhole()
    }

    private func took(_ result: LinkResult, of seed: SocketAddress) {
        outcome.links[seed] = result
        concludeIfWhole()
    }

    private func concludeIfWhole() {
        let isWhole = seeds.allSatisfy { outcome.links[$0] != nil && outcome.verdicts[$0] != nil }
        if isWhole { conclude() }
    }

    private func conclude() {
        guard socket != nil || !links.isEmpty else { return }
        socket?.stop()
        socket = nil
        for link in links { link.cancel() }
        links = []
        completed(outcome)
    }
}
