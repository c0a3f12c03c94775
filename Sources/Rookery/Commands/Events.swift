import Node
import Synchronization

/// Runs `rook events`: prints what happens until it is interrupted, and comes back to the node when the
/// stream ends.
func runEvents(_ options: EventsOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    let printer = EventPrinter(isJSON: options.isJSON)
    var hasBegun = false
    while true {
        var headers: [String: String] = [:]
        if let id = printer.begin() { headers["Last-Event-ID"] = id }
        do {
            let recent = hasBegun ? 0 : options.recent
            let path = "/cluster/events?recent=\(recent)&follow=\(!options.isOnce)"
            try await client.follow(path, headers, silence: .seconds(30)) { bytes in
                printer.take(bytes)
            }
            if options.isOnce { return .done }
            complain("the stream has ended; it is asked for again")
        } catch AdminClientError.unreachable(let address, let reason) where printer.hasBegun {
            complain("\(AdminClientError.unreachable(address, reason))")
        }
        hasBegun = hasBegun || printer.hasBegun
        try await Task.sleep(for: .seconds(1))
    }
}

/// Prints the events of a stream; its bytes come on the loop of the client.
private final class EventPrinter: Sendable {
    private struct State {
        var reader = EventStreamReader()
        var lastID: String?
        var hasBegun = false
    }

    private let state = Mutex(State())
    private let isJSON: Bool
    private let isColoured = Terminal.isColoured

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// A stream begins; returns the id of the last event of those before.
    func begin() -> String? {
        state.withLock { state in
            state.reader = EventStreamReader()
            return state.lastID
        }
    }

    /// Whether the node has ever sent anything.
    var hasBegun: Bool { state.withLock(\.hasBegun) }

    /// False when that is no stream of a node.
    func take(_ bytes: [UInt8]) -> Bool {
        let events = state.withLock { state in
            state.hasBegun = true
            let events = state.reader.append(bytes)
            state.lastID = state.reader.lastID ?? state.lastID
            return events
        }
        guard let events else { return false }
        for json in events {
            if isJSON {
                say(json)
            } else if let event = try? ClusterEvent(json: json) {
                say(event.line(isColoured: isColoured))
            }
        }
        return true
    }
}
