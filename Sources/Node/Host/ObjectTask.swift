import Primitives
import Transport
import Wire

/// The task of one live object: makes the instance, then hands it its events, one at a time.
enum ObjectTask {
    static func run(
        _ type: any DurableObject.Type,
        context: ObjectContext,
        live: LoopBound<LiveObject>
    ) async {
        do {
            let object = try type.init(context: context)
            await serve(object, live: live)
        } catch {
            live.run { live in
                live.host?.log.error(
                    "object could not be made",
                    ["object": "\(live.key)", "epoch": "\(live.epoch)", "error": "\(error)"]
                )
                live.fail()
            }
        }
    }

    private static func serve<Object: DurableObject>(
        _ object: isolated Object,
        live: LoopBound<LiveObject>
    ) async {
        let mailbox = LoopBound(live.onLoop.mailbox, on: live.loop)
        while !mailbox.onLoop.isClosed {
            let batch = mailbox.onLoop.take()
            if batch.isEmpty {
                await Mailbox.wait(for: mailbox)
                continue
            }
            for event in batch where !mailbox.onLoop.isClosed {
                await handle(event, object, live.onLoop)
            }
            if batch.count == Mailbox.batchMax { await Task.yield() }
        }
    }

    private static func handle<Object: DurableObject>(
        _ event: ObjectEvent,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        switch event {
        case .message(let socket, let message):
            guard socket.state == .open else { return }
            await guarding(socket, live) {
                try await object.webSocketMessage(socket.handle, message)
            }
            socket.consumed(message)
        case .request(let request, let reply):
            reply(await answer(to: request, object, live))
        case .upgrade(let request, let socket, let reply):
            await upgrade(request, socket, reply, object, live)
        case .attached(let socket):
            await attach(socket, object, live)
        case .closed(let socket, let code, let reason):
            guard live.remove(socket) else { return }
            await guarding(socket, live) {
                try await object.webSocketClose(socket.handle, code: code, reason: reason)
            }
            socket.finish()
        }
    }
}

// MARK: - The handlers, and what their errors mean

extension ObjectTask {
    private static func answer<Object: DurableObject>(
        to request: Request,
        _ object: isolated Object,
        _ live: LiveObject
    ) async -> Response {
        do {
            let response = try await object.fetch(request)
            // There is no socket to upgrade to: the author's mistake, not the client's.
            return response.status == 101 ? .text("Internal Server Error", status: 500) : response
        } catch {
            live.report(error, in: "fetch")
            return .text("Internal Server Error", status: 500)
        }
    }

    private static func upgrade<Object: DurableObject>(
        _ request: Request,
        _ socket: ObjectSocket,
        _ reply: (Response) -> Void,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        let response: Response
        do {
            response = try await object.fetch(request)
        } catch {
            live.report(error, in: "fetch")
            reply(.text("Internal Server Error", status: 500))
            return
        }
        guard response.status == 101 else {
            reply(response)
            return
        }
        guard live.add(socket) else {
            live.host?.tally.count("socket_limit")
            reply(.text("the object has as many sockets as it may have", status: 503))
            return
        }
        reply(response)
        await guarding(socket, live) { try await object.webSocketOpen(socket.handle) }
    }

    private static func attach<Object: DurableObject>(
        _ socket: ObjectSocket,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        guard live.add(socket) else {
            live.host?.tally.count("socket_limit")
            socket.refuse()
            return
        }
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
