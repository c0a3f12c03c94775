import Foundation
import Node

/// Runs `rook objects`: asks one node for the objects of all, and prints them.
func runObjects(_ options: ObjectsOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    var query = options.query
    var isWhole = true
    repeat {
        let json = try await client.get(query.target)
        let list = try ObjectList(json: json)
        if options.isJSON { say(json) } else { show(newTable.text(of: list)) }
        isWhole = isWhole && list.unanswered.isEmpty
        query.after = list.next.flatMap { ObjectCursor($0) }
        if let next = list.next, !options.isAll, !options.isJSON {
            say("\nThere are more: --all lists them, and --cursor \(next) those behind these.")
        }
    } while options.isAll && query.after != nil
    return isWhole ? .done : .failed
}

/// Runs `rook top`: the same for those with the most, and how quickly that grows when it is watched.
func runTop(_ options: TopOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    var before: (list: ObjectList, time: ContinuousClock.Instant)?
    try await show(again: options.isWatched) {
        let json = try await client.get(options.query.target)
        guard !options.isJSON else { return String(decoding: json, as: UTF8.self) + "\n" }
        let (list, now) = (try ObjectList(json: json), ContinuousClock.now)
        var table = newTable
        table.before = before.map { ($0.list, ($0.time.duration(to: now)) / .seconds(1)) }
        before = (list, now)
        return table.text(of: list)
    }
    return .done
}

/// Runs `rook move` and `rook evict`: has an instance go, and waits until it has.
func runRemove(_ options: RemoveOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    let resource = ObjectReport.path(of: options.key)
    let former = try ObjectReport(json: try await client.get(resource)).instance
    let json = try await client.post(ObjectRemoval.path(of: options.key, options.manner))
    let removal = try ObjectRemoval(json: json)
    if options.isJSON { say(json) } else { say(removal.text) }
    guard removal.outcome == .leaving else { return removal.outcome == .gone ? .done : .failed }
    let deadline = ContinuousClock.now.advanced(by: removalPatience)
    while ContinuousClock.now < deadline {
        let latest = try ObjectReport(json: try await client.get(resource))
        if latest.instance != former {
            if !options.isJSON { say("It is gone.") }
            return .done
        }
        try await Task.sleep(for: .milliseconds(200))
    }
    complain("it is still there after \(removalPatience)")
    return .failed
}

/// An instance is cut off after five seconds.
private let removalPatience = Duration.seconds(10)

private var newTable: ObjectTable {
    ObjectTable(now: .now, width: Terminal.width, isColoured: Terminal.isColoured)
}
