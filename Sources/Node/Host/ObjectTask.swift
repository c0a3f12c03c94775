import Primitives
import Transport
import Wire

/// The task of one live object: makes the instance, then hands it its events, one at a time.
enum ObjectTask {
    /// Events handled before others on the loop get their turn.
    static let turnEventsMax = 256

    static func run(
        _ type: any DurableObject.Type,
        context: ObjectContext,
        live: LoopBound<LiveObject>
    ) async {
        do {
            let object = try type.init(context: context)
            await serve(object, live: live)
        } catch {
            live.run { $0.fail(error) }
        }
    }

    private static func serve<Object: DurableObject>(
        _ object: isolated Object,
        live: LoopBound<LiveObject>
    ) async {
        let mailbox = LoopBound(live.onLoop.mailbox, on: live.loop)
        var handled = 0
        while !mailbox.onLoop.isClosed {
            guard !live.onLoop.isLeaving else {
                await sayLastWords(object, live.onLoop)
                continue
            }
            if live.onLoop.mayHandle, let event = mailbox.onLoop.popFirst() {
                await handle(event, object, live.onLoop)
                handled += 1
                if handled % turnEventsMax == 0 { await Task.yield() }
            } else {
                live.onLoop.rest()
                await Mailbox.wait(for: mailbox)
            }
        }
    }

    private static func handle<Object: DurableObject>(
        _ event: ObjectEvent,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        live.begin(event)
        switch event {
        case .message(let socket, let message):
            if socket.state == .open {
                await guarding(socket, live) {
                    try await object.webSocketMessage(socket.handle, message)
                }
            }
            socket.consumed(message)
        case .request(let request, let reply):
            let response = await answer(to: request, object, live)
            live.perform {
                reply(.response(response))
            } orElse: {
                reply(.response(.movedMeanwhile))
            }
        case .upgrade(let request, let socket, let reply):
            let response = await fetch(request, object, live)
            guard !live.isGone else { break }
            await decide(response, on: socket, reply, object, live)
        case .attached(let socket):
            guard socket.state == .open else { break }
            await guarding(socket, live) { try await object.webSocketOpen(socket.handle) }
        case .closed(let socket, let code, let reason):
            if live.remove(socket) {
                await guarding(socket, live) {
                    try await object.webSocketClose(socket.handle, code: code, reason: reason)
                }
            }
            socket.finish()
        case .alarm(let alarm, let ended): await handle(alarm, ended, object, live)
        case .tookOver(let takeOver, let ended):
            _ = await reporting("didTakeOver", live) { try await object.didTakeOver(takeOver) }
            if !live.isGone { ended() }
        }
        live.end()
    }
}

// MARK: - The handlers, and what their errors mean

extension ObjectTask {
    private static func answer<Object: DurableObject>(
        to request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        let response = await fetch(request, object, live)
        // There is no socket to upgrade to: the author's mistake, not the client's.
        return response.status == 101 ? .internalError : response
    }

    private static func fetch<Object: DurableObject>(
        _ request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        do {
            let response = try await object.fetch(request)
            return response.isAnswer ? response : .internalError
        } catch {
            live.report(error, in: "fetch")
            return .internalError
        }
    }

    /// Opens the socket if the object said so and has room for it.
    private static func decide<Object: DurableObject>(
        _ response: Response,
        on socket: ObjectSocket,
        _ reply: @escaping (ObjectAnswer) -> Void,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        guard response.status == 101 else {
            live.perform {
                reply(.response(response))
            } orElse: {
                reply(.moved)
            }
            return
        }
        guard live.add(socket) else {
            reply(.response(ActivationRefusal.tooManySockets.response))
            return
        }
        var acceptance = response
        acceptance.tags = socket.notes.tags
        live.perform { [acceptance] in reply(.response(acceptance)) }
        if socket.notes.attachment != nil { socket.tellAttachment() }
        // From here on an eviction moves the socket, and nobody waits for an answer.
        live.begin(.attached(socket))
        await guarding(socket, live) { try await object.webSocketOpen(socket.handle) }
    }

    /// Runs a handler; its error ends the session that it was about.
    private static func guarding(
        _ socket: ObjectSocket,
        _ live: LiveObject,
        isolation: isolated (any Actor)? = #isolation,
        _ handler: () async throws -> Void
    ) async {
        do {
            try await handler()
        } catch {
            live.report(error, in: "webSocket")
            socket.close(code: CloseCode.internalError.value, reason: "the object threw an error")
        }
    }
}
