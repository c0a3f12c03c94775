import Placement
import Primitives
import Transport

// What an operator is told of the objects here. Nothing of it wakes one.
extension ObjectHost {
    func state(of object: HostedObject) -> ObjectReport.State {
        guard let live = object.live else { return lease.isValid ? .hibernated : .frozen }
        if live.epoch == nil || live.phase == .leaving(.moving) { return .moving }
        return lease.isValid ? .live : .frozen
    }

    /// Of an object that stands still only its node knows since when.
    private func start(of state: ObjectReport.State, _ object: HostedObject) -> Instant? {
        switch state {
        case .live, .moving: object.live?.madeAt
        case .hibernated: object.usage.asleepSince
        case .frozen: frozenSince
        case .idle, .unknown: nil
        }
    }

    /// An instant of this loop's clock in milliseconds since 1970.
    private func wallMilliseconds(_ instant: Instant) -> Int64 {
        WallClock.milliseconds(on: loop) - instant.duration(to: loop.now).milliseconds
    }

    func entry(of object: HostedObject) -> ObjectEntry {
        let state = state(of: object)
        let start = start(of: state, object).map(wallMilliseconds)
        return ObjectEntry(
            key: object.key,
            node: "",
            state: state,
            since: start.map { UInt64(clamping: $0) } ?? 0,
            sessions: UInt32(clamping: object.sockets.count),
            messages: object.usage.messages,
            bytes: object.usage.bytes,
            handlerNanoseconds: UInt64(clamping: object.usage.handlerNanoseconds)
        )
    }

    /// What is known here of an object; nil when nothing of it is here.
    ///
    /// `node` tells whose lane one is, by its identity.
    func account(
        of key: ObjectKey,
        lanes: [ObjectIdentifier: NodeID]
    ) -> ObjectAccount? {
        guard let object = hosted(key) else { return nil }
        let state = state(of: object)
        let (usage, live) = (object.usage, object.live)
        let lastEvent = live?.lastEvent ?? usage.lastEventBefore
        return ObjectAccount(
            state: state,
            epoch: object.epoch,
            since: start(of: state, object).map { WallClock.text(wallMilliseconds($0)) },
            instance: live?.instance?.description,
            usage: ObjectReport.Usage(
                queue: live?.mailbox.count ?? 0,
                inWork: live?.work.count ?? 0,
                messages: usage.messages,
                bytes: usage.bytes,
                cpuMilliseconds: Double(usage.handlerNanoseconds) / 1_000_000,
                lastEvent: lastEvent.map { WallClock.text(wallMilliseconds($0)) },
                sockets: object.sockets.count,
                edges: edges(of: object, lanes)
            )
        )
    }

    private func edges(
        of object: HostedObject,
        _ lanes: [ObjectIdentifier: NodeID]
    ) -> [ObjectReport.Edge] {
        var sessions: [NodeID?: (count: Int, times: RoundTripSum)] = [:]
        for socket in object.sockets where socket.state == .open {
            let edge: NodeID? =
                switch socket.path {
                case .local: node
                case .remote(let lane, _): lanes[lane.identity]
                }
            sessions[edge, default: (0, RoundTripSum())].count += 1
            guard let time = socket.flow.roundTrip else { continue }
            sessions[edge]?.times.add(time.inSeconds * 1_000)
        }
        return sessions.map { edge, value in
            ObjectReport.Edge(
                node: edge?.name,
                sessions: value.count,
                client: value.times.report
            )
        }
        .sorted { ($0.node ?? "") < ($1.node ?? "") }
    }
}

/// What one loop knows of an object.
struct ObjectAccount: Sendable {
    let state: ObjectReport.State
    let epoch: Epoch?
    let since: String?
    let instance: String?
    var usage: ObjectReport.Usage
}

// MARK: - What he has done with them

extension ObjectHost {
    /// Has the instance of an object leave as in a planned move, or at once; `completed` is called
    /// when nothing of it is left.
    func remove(
        _ key: ObjectKey,
        _ manner: ObjectRemoval.Manner,
        completed: @escaping (ObjectRemoval.Outcome) -> Void
    ) {
        guard let live = hosted(key)?.live, !live.object.isWaiting else {
            return completed(.absent)
        }
        guard lease.isValid else { return completed(.frozen) }
        switch manner {
        case .move: move(key) { completed(.gone) }
        case .evict:
            activity.count("objects_evicted")
            live.evict()
            completed(.gone)
        }
    }
}
