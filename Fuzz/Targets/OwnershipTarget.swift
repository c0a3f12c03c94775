import Cluster
import Placement
import Primitives

extension FuzzTarget {
    /// Messages of the ownership, questions for names, roll calls.
    static let ownership = FuzzTarget(
        name: "ownership",
        summary: "messages of the ownership, views, questions for names, roll calls",
        seeds: { ViewWorld.messages.map { ViewWorld.envelope($0).encoded } + Self.others },
        check: { bytes throws(Finding) in
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try OwnershipEnvelope(decoding: bytes[...]) },
                encode: { $0.encoded }
            )
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try OwnershipView(decoding: bytes[...]) },
                encode: { $0.encoded }
            )
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try Inquiry(decoding: bytes[...]) },
                encode: { $0.encoded }
            )
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try RollCallMessage(decoding: bytes[...]) },
                encode: { $0.encoded }
            )
        }
    )

    private static var others: [[UInt8]] {
        let member = ViewWorld.view.members[0]
        let asked = Inquiry.ask(
            member,
            ViewWorld.cluster,
            isPredecessorDead: true,
            isRelayed: false
        )
        let held = Inquiry.answer(.held(by: member.address), to: member.run, from: member.id)
        let call: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 0, 1, 0, 2]
        return [ViewWorld.view.encoded, asked.encoded, held.encoded, call]
    }
}

extension FuzzTarget {
    /// The file that a node finds after a restart, with wrong and right checksums.
    static let state = FuzzTarget(
        name: "state",
        summary: "the state that a node keeps on its disk",
        seeds: {
            [ViewWorld.state.encoded, Array(ViewWorld.state.encoded.dropFirst(5).dropLast(4))]
        },
        check: { bytes throws(Finding) in
            try checkState(bytes)
            for version in [1, 2] as [UInt8] {
                let body = Array("ROOK".utf8) + [version] + bytes
                let sum = CRC32C.checksum(body)
                let tail = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
                try checkState(body + tail)
            }
        }
    )

    private static func checkState(_ bytes: [UInt8]) throws(Finding) {
        guard let state = try? PersistentState(decoding: bytes) else { return }
        let again: PersistentState
        do throws(PersistentStateError) {
            again = try PersistentState(decoding: state.encoded)
        } catch {
            throw Finding(description: "\(state) cannot be read again: \(error)")
        }
        try require(again == state, "\(state) comes back as \(again)")
    }
}

/// A small cluster that has been through something.
enum ViewWorld {
    static let cluster = ClusterID(founders: 3, unique: 4)

    static let view: OwnershipView = {
        var view = OwnershipView.none(cluster: cluster)
        view.epoch = Epoch(9)
        view.key = PlacementKey(low: 1, high: 2)
        view.members = ["a", "b", "c"].enumerated().map { index, name in
            OwnershipMember(
                run: NodeRun(id: .fuzz(name), incarnation: Incarnation(1)),
                address: .loopback(port: UInt16(7_000 + index)),
                role: index == 2 ? .joining(quarters: 2) : .active,
                machine: 5,
                classes: index == 1 ? ClassSet([ClassHash(1), ClassHash(2)]) ?? .any : .any
            )
        }
        view.voters = view.members.map(\.id)
        view.voterGeneration = 2
        view.votersSince = Epoch(9)
        view.carriedLeases = [100, 200, 300]
        view.stable = Epoch(8)
        let before = view.members.dropLast().map {
            PastView.Member(run: $0.run, share: $0.share, classes: $0.classes)
        }
        view.history = [PastView(epoch: Epoch(8), members: before)]
        let gone = NodeRun(id: .fuzz("d"), incarnation: Incarnation(2))
        view.removed = [.init(run: gone, fence: 1_500, isCertain: false)]
        view.latestRuns = view.members.map(\.run) + [gone]
        return view
    }()

    private static let ballot = Ballot(round: 3, proposer: view.members[1].run)

    static let state = PersistentState(
        id: view.members[0].id,
        incarnation: Incarnation(1),
        view: view,
        promised: ballot,
        accepted: AcceptedView(ballot: ballot, view: view)
    )

    static let messages: [OwnershipMessage] = {
        let next = view.epoch.next
        let accepted = AcceptedView(ballot: ballot, view: view)
        return [
            .renew(request: 1, seen: 1, voterGeneration: 2), .grant(request: 1, voterGeneration: 2),
            .deny(request: 1, .viewPending), .lead, .prepare(deciding: next, ballot),
            .promise(deciding: next, ballot, accepted: accepted, leases: [1, 2, 3]),
            .reject(deciding: next, promised: ballot), .accept(deciding: next, ballot, view),
            .accepted(deciding: next, ballot, leases: [1, 2, 3]), .view(view), .viewRequest,
            .status(answerWanted: true), .join(view.members[2], isPredecessorDead: true), .leave,
            .found(view.members[1]), .complain([view.members[2].id]),
        ]
    }()

    /// As the second member says it.
    static func envelope(_ message: OwnershipMessage) -> OwnershipEnvelope {
        OwnershipEnvelope(
            cluster: cluster,
            sender: view.members[1].run,
            epoch: view.epoch,
            stable: view.stable,
            released: view.stable,
            message: message
        )
    }
}
