import Primitives
import Transport
import Wire

// What the instance does about sockets without awaiting anything.
extension LiveObject {
    /// What it says to a request; nil when its class awaits something for that, and nothing was done.
    func answerAtOnce(_ request: Request) -> Response? {
        guard let socketHandler, handlers.fetch != .awaits else { return nil }
        guard handlers.fetch != .missing else { return .withoutHandler(of: request) }
        defer { if handlers.fetch == .unknown { handlers.fetch = .awaitsNothing } }
        do {
            let response = try socketHandler(.fetch(request))
            return response?.asAnswer ?? .internalError
        } catch is HandlerAwaits {
            handlers.fetch = .awaits
            return nil
        } catch {
            return failedToAnswer(error)
        }
    }

    /// What is said to a request whose handler threw.
    func failedToAnswer(_ error: any Error) -> Response {
        report(error, in: "fetch")
        return .internalError.refusing(.threw)
    }

    /// Tells it of an open socket; false when its class awaits something for that.
    func opened(_ socket: ObjectSocket) -> Bool {
        guard let socketHandler, handlers.open != .awaits else { return false }
        guard handlers.open != .missing else { return true }
        handlers.open = tell(.open(socket.handle), "webSocketOpen", socket, socketHandler)
        return handlers.open != .awaits
    }

    /// Tells it of the end of one; false when its class awaits something for that.
    func closed(_ socket: ObjectSocket, _ end: SocketEnd) -> Bool {
        guard let socketHandler, handlers.close != .awaits else { return false }
        guard handlers.close != .missing else { return true }
        handlers.close = tell(.close(socket.handle, end), "webSocketClose", socket, socketHandler)
        return handlers.close != .awaits
    }

    /// Returns what is known of the handler then.
    private func tell(
        _ call: SocketCall,
        _ name: String,
        _ socket: ObjectSocket,
        _ handler: SocketHandler
    ) -> SocketHandlers.Kind {
        do {
            _ = try handler(call)
        } catch is HandlerAwaits {
            return .awaits
        } catch {
            failed(error, name, socket)
        }
        return .awaitsNothing
    }
}

// Where its class is known to await nothing, sockets open and end without a turn of its task.
extension LiveObject {
    /// Has the instance handle the opening or the end of a socket before this returns; false when that
    /// has to wait, and nothing was done.
    ///
    /// What holds for an event holds for it: one at a time, in its order, with a lease, and for so long
    /// in a turn.
    func handleAtOnce(_ event: ObjectEvent) -> Bool {
        guard isUnoccupied, socketHandler != nil, isPrompt(event), let now = gate.openTime,
            now < promptEnd
        else { return false }
        isHandling = true
        defer { isHandling = false }
        lastEvent = now
        let token = begin(event, at: now)
        switch event {
        case .upgrade(let request, let socket, let reply): open(socket, request, reply, token)
        case .closed(let socket, let end): close(socket, end)
        case .request, .attached, .message, .alarm, .tookOver: break
        }
        object.usage.charge(loop.clock.nanoseconds - now.nanoseconds)
        // Whoever has shut the gate is to find what is in work, and answers for it.
        guard !gate.isShut else { return true }
        end(token)
        rest()
        return true
    }

    private func isPrompt(_ event: ObjectEvent) -> Bool {
        switch event {
        case .upgrade: handlers.fetch.isPrompt && handlers.open.isPrompt
        // Of an error the instance is told first.
        case .closed(_, let end): handlers.close.isPrompt && end.error == nil
        case .request, .attached, .message, .alarm, .tookOver: false
        }
    }

    private func open(
        _ socket: ObjectSocket,
        _ request: Request,
        _ reply: @escaping (ObjectAnswer) -> Void,
        _ token: EventsInWork.Token
    ) {
        let response = TraceContext.run(request.trace) {
            answerAtOnce(request.asking(for: socket.handle)) ?? .internalError
        }
        guard !gate.isShut, decide(response, on: socket, reply, token) else { return }
        _ = TraceContext.run(socket.opening.trace) { opened(socket) }
    }

    private func close(_ socket: ObjectSocket, _ end: SocketEnd) {
        if remove(socket) { _ = TraceContext.run(socket.opening.trace) { closed(socket, end) } }
        socket.finish()
    }
}

extension LiveObject {
    /// Opens a socket if the instance said so and there is room for it: then it is to be told.
    func decide(
        _ response: consuming Response,
        on socket: ObjectSocket,
        _ reply: @escaping (ObjectAnswer) -> Void,
        _ token: EventsInWork.Token
    ) -> Bool {
        var response = response
        guard response.status == 101 else {
            perform { [response] in
                reply(.response(response))
            } orElse: {
                reply(.moved)
            }
            return false
        }
        guard add(socket) else {
            reply(.response(ActivationRefusal.tooManySockets.response))
            return false
        }
        response.tags = socket.notes.tags
        perform { [response] in reply(.response(response)) }
        socket.tellNotes()
        settleAutoResponses(of: socket)
        // From here on an eviction moves the socket, and nobody waits for an answer.
        goOn(token, with: .attached(socket))
        return true
    }
}
