import Primitives
import Transport
import Wire

/// One request of a client at the worker, until it is answered or handed over to an object.
///
/// Lives on the loop of its client.
final class FrontCall: RosterMember {
    /// As it came, for the handshake of a WebSocket.
    private let request: HTTPRequest
    private let admission: ClientGate.Admission
    private let http: HTTPConnection
    private unowned let shard: Shard
    private let deadline: Instant
    var rosterIndex: Int?

    init(
        _ request: HTTPRequest,
        _ admission: ClientGate.Admission,
        http: HTTPConnection,
        shard: Shard
    ) {
        self.request = request
        self.admission = admission
        self.http = http
        self.shard = shard
        deadline = shard.loop.now.advanced(by: shard.settings.workerTime)
    }

    /// Asks the worker.
    func begin(_ worker: any Worker, _ env: Environment) {
        let back = LoopBound(self, on: shard.loop)
        let asked = admission.request
        Task(executorPreference: shard.loop) {
            let outcome: Result<Response, any Error>
            do {
                let response = try await TraceContext.run(asked.trace) {
                    try await worker.fetch(asked, env: env)
                }
                outcome = .success(response)
            } catch {
                outcome = .failure(error)
            }
            // Not in here: what it leads to is nobody's child.
            back.execute { $0.finish(outcome) }
        }
    }

    /// The worker takes too long, the client is gone, or the node goes down.
    func tick(now: Instant) {
        if now >= deadline {
            shard.tally.count("worker_stalled")
            respond(.text("the worker gave no answer", status: 504))
        } else if !http.isOpen {
            shard.remove(self)
        }
    }

    private func finish(_ outcome: Result<Response, any Error>) {
        guard rosterIndex != nil else { return }
        switch outcome {
        case .success(let response): conclude(response)
        case .failure(let error as StubError): respond(error.response(shard.loop))
        case .failure(let error):
            shard.tally.count("worker_error")
            TraceContext.$current.withValue(admission.request.trace) {
                shard.log.error("the worker threw", ["error": "\(error)"])
            }
            respond(.internalError)
        }
    }

    private func conclude(_ response: Response) {
        if let destination = response.destination {
            shard.remove(self)
            shard.open(request, destination, http, tokenOffer: admission.tokenOffer)
        } else {
            // A 101 without an object to go to is the author's mistake, not the client's.
            respond((200...599).contains(response.status) ? response : .internalError)
        }
    }

    func respond(_ response: Response) {
        shard.remove(self)
        http.respond(response)
    }
}

/// Where a worker has sent a request that wants to become a WebSocket.
///
/// A class, because every response has room for one, and hardly any has one.
final class UpgradeDestination: Sendable {
    let key: ObjectKey
    /// As the worker has left it.
    let request: Request

    init(key: ObjectKey, request: Request) {
        self.key = key
        self.request = request
    }
}

extension Response {
    /// Stands for the answer of the object, to which the client is handed over.
    static func upgrade(to key: ObjectKey, with request: Request) -> Response {
        var response = Response.upgrade
        response.destination = UpgradeDestination(key: key, request: request)
        return response
    }
}
