import Primitives
import Transport
import Wire

/// The task of one life of an object: makes the instance, hands it its events, one at a time or
/// interleaved, and tells it when it leaves.
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
            try await start(object, live: live)
        } catch {
            live.run { $0.fail(error) }
        }
    }

    /// Throws what `start` throws.
    private static func start<Object: DurableObject>(
        _ object: isolated Object,
        live bound: LoopBound<LiveObject>
    ) async throws {
        try await object.start()
        let live = bound.onLoop
        guard live.made() else { return }
        live.messageHandler = { try object.webSocketMessage($0, $1) }
        live.socketHandler = { call in
            switch call {
            case .fetch(let request): return try object.fetch(request)
            case .open(let socket): try object.webSocketOpen(socket)
            case .close(let socket, let end):
                try object.webSocketClose(socket, code: end.code, reason: end.reason)
            }
            return nil
        }
        live.mailbox.beginTask = {
            // It is nobody's child either.
            Task.detached(executorPreference: bound.loop) { await serve(object, live: bound) }
        }
        await serve(object, live: bound)
    }

    /// Until the life of the object is over, or the task is to go because nothing happens.
    private static func serve<Object: DurableObject>(
        _ object: isolated Object,
        live bound: LoopBound<LiveObject>
    ) async {
        let live = bound.onLoop
        let mailbox = LoopBound(live.mailbox, on: live.loop)
        var handled = 0
        while true {
            switch live.nextStep() {
            case .handle(let event, let token):
                if Object.interleaves, !event.comesFirst {
                    begin(event, token, object, bound)
                } else {
                    switch consume event {
                    case .message(let socket, let message) where !socket.opening.isTraced:
                        // By far the most frequent, so no function stands between that is awaited.
                        if socket.state == .open {
                            do {
                                try await object.webSocketMessage(socket.handle, message)
                            } catch {
                                live.failed(error, "webSocketMessage", socket)
                            }
                        }
                        socket.consumed(message)
                        live.end(token)
                    case let other: await handle(other, token, object, live)
                    }
                }
                handled += 1
                if handled % turnEventsMax == 0 { await Task.yield() }
            case .leave(let reason):
                if reason == .moving { await leaveSnapshot(of: object, live) }
                do {
                    try await object.willLeave(reason)
                } catch {
                    live.report(error, in: "willLeave")
                }
                live.leave()
                return
            case .sleep:
                live.host?.sleepers.note(live.mailbox)
                guard await Mailbox.wait(for: mailbox) else { return }
            case .end: return
            }
        }
    }

    /// Begins with an event whose handler the others do not wait for: it runs up to where it first
    /// awaits something before this returns, so that events begin in the order of their arrival.
    private static func begin<Object: DurableObject>(
        _ event: ObjectEvent,
        _ token: EventsInWork.Token,
        _ object: isolated Object,
        _ live: LoopBound<LiveObject>
    ) {
        let event = LoopBound(event, on: live.loop)
        Task.immediate(executorPreference: live.loop) {
            await handle(event.onLoop, token, object, live.onLoop)
        }
    }

    private static func handle<Object: DurableObject>(
        _ event: ObjectEvent,
        _ token: EventsInWork.Token,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        switch event {
        case .message(let socket, let message):
            if socket.state == .open {
                await guarding("webSocketMessage", socket, live) {
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
            // The handle is that of the instance which handles the event.
            let response = await TraceContext.run(request.trace) {
                await fetch(request.asking(for: socket.handle), object, live)
            }
            guard !live.isGone else { break }
            if live.decide(response, on: socket, reply, token) { await open(socket, object, live) }
        case .attached(let socket):
            guard socket.state == .open else { break }
            await open(socket, object, live)
        case .closed(let socket, let end):
            if live.remove(socket) { await tell(end, of: socket, object, live) }
            socket.finish()
        case .alarm(let alarm, let ended): await handle(alarm, ended, object, live)
        case .tookOver(let takeOver):
            _ = await reporting("didTakeOver", live) { try await object.didTakeOver(takeOver) }
            live.tookOver()
        }
        live.end(token)
    }
}

// MARK: - The handlers, and what their errors mean

extension ObjectTask {
    private static func answer<Object: DurableObject>(
        to request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        if request.origin.ticket?.onLoop.isCancelled == true { return .internalError }
        let origin = request.origin.call
        return await CallChain.$current.withValue(origin.chain) {
            await TraceContext.run(request.trace) {
                if let name = origin.name { return await call(name, request, object, live) }
                let response = await fetch(request, object, live)
                // There is no socket to upgrade to: the author's mistake, not the client's.
                return response.status == 101 ? .internalError : response
            }
        }
    }

    private static func fetch<Object: DurableObject>(
        _ request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        if let response = live.answerAtOnce(request) { return response }
        do {
            return try await object.fetch(request).asAnswer
        } catch {
            return live.failedToAnswer(error)
        }
    }

    private static func open<Object: DurableObject>(
        _ socket: ObjectSocket,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        await guarding("webSocketOpen", socket, live) {
            if !live.opened(socket) { try await object.webSocketOpen(socket.handle) }
        }
    }

    /// Tells the object of a socket's end, and before that of the error that it ended with.
    private static func tell<Object: DurableObject>(
        _ end: SocketEnd,
        of socket: ObjectSocket,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        if let error = end.error {
            await guarding("webSocketError", socket, live) {
                try await object.webSocketError(socket.handle, error)
            }
        }
        await guarding("webSocketClose", socket, live) {
            if live.closed(socket, end) { return }
            try await object.webSocketClose(socket.handle, code: end.code, reason: end.reason)
        }
    }

    /// Runs a handler; its error ends the session that it was about.
    private static func guarding(
        _ name: String,
        _ socket: ObjectSocket,
        _ live: LiveObject,
        isolation: isolated (any Actor)? = #isolation,
        _ handler: () async throws -> Void
    ) async {
        await TraceContext.run(socket.opening.trace) {
            do {
                try await handler()
            } catch {
                live.failed(error, name, socket)
            }
        }
    }
}
