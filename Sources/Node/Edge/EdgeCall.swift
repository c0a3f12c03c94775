import Primitives
import Transport
import Wire

/// One request on its way to its object and back: of an object, or of a worker.
///
/// While the object's owner is unknown or unreachable the request waits; once it has been handed
/// over it is not repeated, because it may have had its effect. Lives on the loop of who asks.
final class EdgeCall: RosterMember {
    private enum State {
        case waiting
        case sent
        case done
    }

    private let key: ObjectKey
    private let request: Request
    private unowned let shard: Shard
    /// When no further owner is looked for.
    private let patience: Instant
    private let completed: (Response) -> Void
    /// For a probe: the node that is asked, whoever the owner is.
    private let probed: (node: NodeID, place: ObjectPlace)?
    var rosterIndex: Int?
    private var state = State.waiting
    private var attempts = 0
    private var isRetrying = false
    private var timer: TimerID?
    /// How what was sent is taken back.
    private var withdraw: (() -> Void)?

    /// `completed` is called once: after `time` at the latest.
    init(
        key: ObjectKey,
        request: Request,
        shard: Shard,
        time: Duration,
        probed: (node: NodeID, place: ObjectPlace)? = nil,
        completed: @escaping (Response) -> Void
    ) {
        self.key = key
        self.probed = probed
        self.request = request
        self.shard = shard
        self.completed = completed
        patience = shard.loop.now.advanced(by: min(shard.settings.callTime, time))
        timer = shard.loop.schedule(after: time) { [weak self] in
            self?.timer = nil
            self?.cancel(.timedOut)
        }
    }

    /// Hands the request to the object's owner, if there is one to be reached.
    func attempt() {
        guard state == .waiting else { return }
        guard shard.loop.now < patience, !shard.isClosing else {
            finish(unavailable)
            return
        }
        switch probed.map({ .elsewhere($0.node, $0.place) }) ?? shard.routes.destination(of: key) {
        case .here(let place): callHere(place)
        case .elsewhere(let node, let place):
            guard let lane = shard.lane(to: node, for: place.partition) else {
                retryLater()
                return
            }
            state = .sent
            let outgoing = LoopBound(OutgoingCall(bound), on: lane.loop)
            withdraw = { outgoing.run { $0.withdraw() } }
            let request = request
            lane.run { $0.call(request, at: place, outgoing.onLoop) }
        case .nowhere: retryLater()
        case .unknownClass: finish(shard.unknownClass(of: key))
        }
    }

    /// Nothing has been done, and nobody was there who could.
    private var unavailable: Response {
        guard !shard.isClosing, !shard.routes.isRun(key.className) else {
            return RestartHint.unavailable(shard.loop)
        }
        return RestartHint.unavailable(shard.loop, "no node runs \(key.className) now")
    }

    private var bound: LoopBound<EdgeCall> { LoopBound(self, on: shard.loop) }

    private func callHere(_ place: ObjectPlace) {
        state = .sent
        let target = shard.shard(of: place.partition)
        let ticket = LoopBound(CallTicket(), on: target.loop)
        withdraw = { ticket.run { $0.cancel() } }
        var request = request
        request.origin.ticket = ticket
        let (asked, back) = (request, bound)
        target.run { shard in
            shard.fetch(asked, of: place.key) { answer in
                back.run { $0.take(answer) }
            }
        }
    }

    private func take(_ answer: ObjectAnswer) {
        switch answer {
        case .response(let response): finish(response)
        case .moved: moved()
        }
    }

    private func retryLater() {
        attempts += 1
        guard !isRetrying else { return }
        isRetrying = true
        let delay = RetryDelay.after(attempts: attempts)
        shard.loop.schedule(after: delay) { [weak self] in
            self?.isRetrying = false
            self?.attempt()
        }
    }

    /// Nothing has been done: the object lives elsewhere, or, unless the other node has said so, the
    /// lane has no room.
    func moved(byOwner: Bool = false) {
        guard state == .sent else { return }
        // Of a version without probes; it has answered by the way in question.
        if probed != nil, byOwner { return finish(PathProbe.answer) }
        state = .waiting
        withdraw = nil
        retryLater()
    }

    /// The way to the owner was lost, and nobody knows whether the request had its effect.
    func lost() {
        let text = "the object's node was lost while it answered"
        finish(.text(text, status: 502).refusing(.interrupted))
    }

    /// Nobody waits for the answer any more: the object is told, if it has the request.
    func cancel(_ code: StubError.Code) {
        guard state != .done else { return }
        withdraw?()
        let text = code == .timedOut ? "no answer came in time" : "the caller was cancelled"
        let nothingDone = code == .timedOut && state == .waiting
        finish(
            nothingDone
                ? unavailable
                : .text(text, status: 504).refusing(code)
        )
    }

    func finish(_ response: Response) {
        guard state != .done else { return }
        state = .done
        withdraw = nil
        if let timer { shard.loop.cancel(timer) }
        timer = nil
        shard.remove(self)
        completed(response)
    }
}
