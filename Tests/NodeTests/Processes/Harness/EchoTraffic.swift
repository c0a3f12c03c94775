import Synchronization

/// Sessions of Echo objects, each of which has numbered messages on their way again and again.
///
/// They leave most of a processor to the nodes, which would else take seconds for a view, and pause for
/// less than any move takes. Every message has to come back once and in order. When an owner dies a session may hear some
/// once more: it goes back a little, as often as owners die, and then on without a gap.
final class EchoTraffic: Sendable {
    /// Messages of one session that are on their way at once.
    static let window = 4
    /// From the last answer to such messages until the next ones.
    static let pause = Duration.milliseconds(10)

    struct OutOfOrder: Error {
        let session: Int
        let expected: Int
        let received: String
    }

    private final class Session: Sendable {
        let received = Atomic(0)
        let repeated = Atomic(0)
    }

    private let sessions: [Session]
    private let isEnding: SharedFlag
    private let tasks: [Task<Void, any Error>]

    /// Opens sessions of objects with these names, on each of `edges` in turn.
    static func start(
        _ names: [String],
        from edges: [LocalNode],
        ownersMayDie: Int = 0
    ) async throws -> EchoTraffic {
        var clients: [WebSocketClient] = []
        for (index, name) in names.enumerated() {
            let edge = edges[index % edges.count]
            clients.append(try await edge.webSocket("/objects/Echo/\(name)"))
        }
        return EchoTraffic(clients, ownersMayDie)
    }

    private init(_ clients: [WebSocketClient], _ ownersMayDie: Int) {
        let flag = SharedFlag()
        let sessions = clients.map { _ in Session() }
        self.sessions = sessions
        isEnding = flag
        let loop = TestLoop.current
        tasks = clients.indices.map { index in
            let (client, session) = (clients[index], sessions[index])
            return Task(executorPreference: loop) {
                try await Self.run(index, client, session, ownersMayDie, until: flag)
            }
        }
    }

    private static func run(
        _ index: Int,
        _ client: WebSocketClient,
        _ session: Session,
        _ ownersMayDie: Int,
        until isEnding: SharedFlag
    ) async throws {
        var (sent, seen, returnsLeft) = (0, 0, ownersMayDie)
        while true {
            if seen == sent {
                if sent > 0 { try await Task.sleep(for: pause) }
                while !isEnding.isSet, sent - seen < window {
                    sent += 1
                    await client.send("\(sent)")
                }
            }
            // A node that stops waits for the answer of a client that is still there.
            guard seen < sent else { return await client.abort() }
            let text = try await client.receiveText()
            let number = Int(text) ?? 0
            if number != seen + 1 {
                guard (1...seen).contains(number), returnsLeft > 0 else {
                    throw OutOfOrder(session: index, expected: seen + 1, received: text)
                }
                returnsLeft -= 1
                session.repeated.add(seen + 1 - number, ordering: .relaxed)
            }
            seen = number
            session.received.add(1, ordering: .relaxed)
        }
    }

    /// How many messages were heard more than once.
    var repeatedCount: Int { sessions.reduce(0) { $0 + $1.repeated.load(ordering: .relaxed) } }

    private var counts: [Int] { sessions.map { $0.received.load(ordering: .relaxed) } }

    /// Waits until every session has got some more messages.
    func goOn(_ what: String) async throws {
        let before = counts
        try await eventually("every session goes on \(what)") {
            zip(before, counts).allSatisfy { $1 > $0 + 2 * Self.window }
        }
    }

    /// Ends it; throws what went wrong in any session, and what never came back.
    func end() async throws {
        isEnding.set()
        for task in tasks { try await task.value }
    }

    deinit { isEnding.set() }
}

/// Becomes true once.
final class SharedFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
