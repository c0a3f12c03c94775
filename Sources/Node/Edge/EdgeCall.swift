import Primitives
import Transport
import Wire

/// One plain HTTP request on its way from its edge to its object and back.
///
/// While the object's owner is unknown or unreachable the request waits; once it has been handed
/// over it is not repeated, because it may have had its effect. Lives on the loop of its client.
final class EdgeCall: RosterMember {
    private enum State {
        case waiting
        case sent
        case done
    }

    private let key: ObjectKey
    private let request: Request
    private let http: HTTPConnection
    private unowned let shard: Shard
    private let deadline: Instant
    var rosterIndex: Int?
    private var state = State.waiting
    private var attempts = 0
    private var isRetrying = false

    init(key: ObjectKey, request: Request, http: HTTPConnection, shard: Shard) {
        self.key = key
        self.request = request
        self.http = http
        self.shard = shard
        deadline = shard.loop.now.advanced(by: shard.settings.callTime)
    }

    /// Hands the request to the object's owner, if there is one to be reached.
    func attempt() {
        guard state == .waiting else { return }
        guard http.isOpen, shard.loop.now < deadline, !shard.isClosing else {
            finish(RestartHint.unavailable(shard.loop))
            return
        }
        switch shard.routes.destination(of: key) {
        case .here(let place): callHere(place)
        case .elsewhere(let node, let place):
            guard let lane = shard.lane(to: node, for: place.partition) else {
                retryLater()
                return
            }
            state = .sent
            let (request, back) = (request, LoopBound(self, on: shard.loop))
            lane.run { $0.call(request, at: place, from: back) }
        case .nowhere: retryLater()
        }
    }

    private func callHere(_ place: ObjectPlace) {
        state = .sent
        let (request, back) = (request, LoopBound(self, on: shard.loop))
        shard.shard(of: place.partition).run { shard in
            shard.fetch(request, of: place.key) { answer in
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

    /// Nothing has been done: the object lives elsewhere.
    func moved() {
        guard state == .sent else { return }
        state = .waiting
        retryLater()
    }

    /// The way to the owner was lost, and nobody knows whether the request had its effect.
    func lost() {
        finish(.text("the object's node was lost while it answered", status: 502))
    }

    func finish(_ response: Response) {
        guard state != .done else { return }
        state = .done
        http.respond(response)
        shard.remove(self)
    }
}
