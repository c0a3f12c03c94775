import Primitives
import Transport
import Wire

// Who is let in.
extension Shard {
    /// Hands a request on to the worker, or refuses it.
    func admit(_ request: HTTPRequest, on connection: HTTPConnection) {
        let gate = settings.gate
        let client = gate.client(of: request.head, from: connection.client)
        guard !isBusy else { return connection.respond(refuseBusy(client)) }
        if let refusal = refusalWhileCordoned(client) { return connection.respond(refusal) }
        do throws(GateRefusal) {
            if gate.hops.count > 0 { try count(connection, as: client) }
            let admission = try gate.admit(request, client: client, at: loop.wallTime)
            begin(request, admission, on: connection)
        } catch {
            note(error, client)
            connection.respond(error.response)
        }
    }

    /// Who is not let in is told before the body is read: a stranger's costs no memory.
    package func refusal(of head: HTTPRequestHead, on connection: HTTPConnection) -> HTTPRefusal? {
        let client = settings.gate.client(of: head, from: connection.client)
        guard !isBusy else { return HTTPRefusal(refuseBusy(client)) }
        if let refusal = refusalWhileCordoned(client) { return HTTPRefusal(refusal) }
        do throws(GateRefusal) {
            _ = try settings.gate.check(head, at: loop.wallTime)
            return nil
        } catch {
            note(error, client)
            return HTTPRefusal(error.response)
        }
    }

    /// The connection is one of this client's from now on; a proxy's own may be of one after the
    /// other.
    private func count(
        _ connection: HTTPConnection,
        as client: SocketAddress?
    ) throws(GateRefusal) {
        guard let lease = connection.lease as? ConnectionLease else { return }
        guard lease.move(to: client) else { throw .addressFull }
    }

    func note(_ refusal: GateRefusal, _ client: SocketAddress?) {
        noteRefusal(refusal.reason, client)
    }
}

// What clients are refused: counted, and of each reason one logged in a minute.
extension Shard {
    /// A request or a connection of a client is not served.
    func noteRefusal(_ reason: StaticString, _ client: SocketAddress?) {
        note("a client is refused", reason, client)
    }

    /// A request that is on its way ends for what its client has done or left undone.
    func noteCutOff(_ reason: StaticString, _ client: SocketAddress?) {
        note("a client is cut off", reason, client)
    }

    /// The same of a session.
    func noteCutOff(_ reason: StaticString, _ session: ClientSession) {
        note("a client is cut off", reason, session.client, session)
    }

    /// A client is read no further for a while.
    func noteHeldBack(_ reason: StaticString, _ session: ClientSession) {
        note("a client is held back", reason, session.client, session)
    }

    private func note(
        _ text: StaticString,
        _ reason: StaticString,
        _ client: SocketAddress?,
        _ session: ClientSession? = nil
    ) {
        tally.count(reason)
        let session = session.map { ($0.id, $0.key) }
        refusals.note(text, reason, of: client, session, in: log, at: loop.now)
    }
}

// What the proxy in front says before each connection.
extension Shard {
    /// Waits for the proxy to say whose connection this is.
    func greet(_ stream: StreamConnection, _ lease: ConnectionLease) {
        stream.lease = lease
        let greeting = ProxyGreeting(stream) { [weak self] greeting, result in
            self?.greetings.remove(greeting)
            self?.greeted(result, lease, by: greeting.proxy)
        }
        greetings.insert(greeting)
        greeting.start(within: settings.timing.requestTime)
    }

    private func greeted(
        _ result: Result<ProxyGreeting.Outcome, ProxyGreetingError>,
        _ lease: ConnectionLease,
        by proxy: SocketAddress?
    ) {
        switch result {
        case .failure(let error): noteRefusal(error.reason, proxy)
        case .success(let outcome):
            let client = outcome.client ?? outcome.stream.peer
            if outcome.client != nil, !lease.move(to: client) {
                note(.addressFull, client)
                return outcome.stream.abort()
            }
            adopt(outcome.stream, client: client, behind: outcome.leftover)
        }
    }
}
