import Primitives
import Transport
import Wire

// Typed calls: what an object answers to `ObjectStub.call`.
extension ObjectTask {
    /// Runs the call in a task of its own, so that the caller's cancellation reaches it.
    static func call<Object: DurableObject>(
        _ name: String,
        _ request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        guard let call = live.host?.registry.call(name, of: live.key.className) else {
            return unknown(name, live)
        }
        let bound = LoopBound(live, on: live.loop)
        let running = Task(executorPreference: live.loop) {
            bound.onLoop.joins()
            let outcome = await call.run(request.body, on: object)
            bound.onLoop.rests(at: bound.loop.clock)
            return outcome
        }
        request.origin.ticket?.onLoop.onCancel { running.cancel() }
        switch await running.value {
        case .output(let bytes): return Response(body: bytes)
        case .failure(let bytes):
            var response = Response(status: 500, body: bytes)
            response.verdict = .callFailure
            return response
        case .error(let error):
            if error.remote { live.report(error, in: "call \(name)") }
            return Response.text(error.message, status: 500).refusing(error.code)
        }
    }

    private static func unknown(_ name: String, _ live: LiveObject) -> Response {
        let known = live.host?.registry.callNames(of: live.key.className) ?? []
        let text = "\(live.key.className) takes no call \(name); it takes: "
        return .text(text + known.joined(separator: ", "), status: 500).refusing(.unknownCall)
    }
}
