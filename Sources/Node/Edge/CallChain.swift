import Primitives
import Transport
import Wire

/// The objects that wait for the task at hand, the first one first: a call to one of them would
/// never end.
enum CallChain {
    @TaskLocal static var current: [ObjectKey] = []
}

extension Environment {
    /// Sends a request to an object's owner, and waits for what comes back.
    func ask(
        _ request: Request,
        of key: ObjectKey,
        within time: Duration
    ) async throws(StubError) -> Response {
        try check(key)
        guard let home else { throw StubError(.unavailable, "there is no node") }
        var request = request.traced(by: TraceContext.current)
        request.webSocket = nil
        request.origin.call = LinkCall(name: request.origin.call.name, chain: try chain(to: key))
        let answer = LoopBound(PendingAnswer(), on: home.loop)
        let asked = request
        return await withTaskCancellationHandler {
            await Waiter.value(on: home.loop, otherwise: .nodeHasEnded) { waiter in
                answer.onLoop.begin(asked, of: key, within: time, at: home.onLoop, waiter)
            }
        } onCancel: {
            answer.execute { $0.cancel() }
        }
    }

    /// Throws where the client for whom the worker asks has no token that fits.
    func check(_ key: ObjectKey) throws(StubError) {
        guard let refusal = access.refusal(of: key) else { return }
        home?.execute { $0.note(refusal, nil) }
        throw StubError(refusal)
    }

    /// Who waits when this one asks `key`.
    private func chain(to key: ObjectKey) throws(StubError) -> [ObjectKey] {
        guard let caller else { return CallChain.current }
        let chain = CallChain.current + [caller]
        if chain.contains(key), registry[key.className]?.interleaves != true {
            let names = (chain + [key]).map(\.description).joined(separator: " → ")
            throw StubError(.cycle, "each waits for the next: \(names)")
        }
        guard chain.count <= LinkCall.chainCountMax else {
            throw StubError(.cycle, "more than \(LinkCall.chainCountMax) objects wait in a row")
        }
        return chain
    }
}

/// What a task waits for that has asked an object; lives on the loop of the node's part that asks.
private final class PendingAnswer {
    private var call: EdgeCall?
    private var isCancelled = false

    func begin(
        _ request: Request,
        of key: ObjectKey,
        within time: Duration,
        at shard: Shard,
        _ waiter: Waiter<Response>
    ) {
        guard !isCancelled else { return waiter.resume(returning: .cancelled) }
        let call = EdgeCall(key: key, request: request, shard: shard, time: time) {
            waiter.resume(returning: $0)
        }
        self.call = call
        shard.begin(call)
    }

    func cancel() {
        isCancelled = true
        call?.cancel(.cancelled)
        call = nil
    }
}

extension Response {
    fileprivate static let cancelled = Response.text("the caller was cancelled", status: 503)
        .refusing(.cancelled)

    fileprivate static let nodeHasEnded = Response.text("the node has ended", status: 503)
        .refusing(.interrupted)
}
