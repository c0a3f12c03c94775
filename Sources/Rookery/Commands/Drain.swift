import Foundation
import Node
import Primitives

/// Runs `rook drain`: takes a node out of service, and tells how far that is until it has left.
///
/// A signal ends the telling, and not the drain.
func runDrain(_ options: DrainOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    let path = ServiceStatus.drainPath + ServiceStatus.query(options.node, options.numbers)
    guard !options.isUndone else {
        show(try await client.delete(path), options.isJSON)
        return .done
    }
    let first = try await options.isLook ? client.get(path) : client.post(path)
    return try await follow(first, of: options, by: client)
}

/// Runs `rook cordon` and `rook uncordon`.
func runCordon(_ options: CordonOptions, isUndone: Bool) async throws -> ExitStatus {
    let client = try options.admin.client()
    let path = ServiceStatus.cordonPath + ServiceStatus.query(options.node)
    show(try await isUndone ? client.delete(path) : client.post(path), options.isJSON)
    return .done
}

private func show(_ json: [UInt8], _ isJSON: Bool) {
    let status = try? ServiceStatus(json: json)
    say(isJSON ? String(decoding: json, as: UTF8.self) : status?.text ?? "done")
}

private func follow(
    _ first: [UInt8],
    of options: DrainOptions,
    by client: AdminClient
) async throws -> ExitStatus {
    let path = ServiceStatus.drainPath + ServiceStatus.query(options.node)
    var line = DrainLine(isJSON: options.isJSON)
    var json = first
    var status = try ServiceStatus(json: json)
    line.show(status, json)
    while status.state == .draining {
        try await Task.sleep(for: .milliseconds(100))
        do {
            json = try await client.get(path)
            status = try ServiceStatus(json: json)
        } catch {
            line.end()
            complain("\(status.node) has ended before it said that it had left: \(error)")
            complain(
                "`\(ProgramName.current) status` of another node shows whether it is a member still"
            )
            return .failed
        }
        line.show(status, json)
    }
    line.end()
    guard status.state != .left, !options.isLook else { return .done }
    complain("the drain was undone")
    return .failed
}

/// What `rook drain` prints: one line that lives on a terminal; elsewhere a line for each step, and
/// for other changes one in a second at most.
private struct DrainLine {
    private let isJSON: Bool
    private let isLive: Bool
    private var last: ServiceStatus?
    private var lastAt = ContinuousClock.now

    init(isJSON: Bool) {
        self.isJSON = isJSON
        isLive = !isJSON && isatty(STDOUT_FILENO) == 1
    }

    mutating func show(_ status: ServiceStatus, _ json: [UInt8]) {
        var shown = status
        // The time goes by always; a line is worth what has changed.
        shown.secondsLeft = nil
        if isLive {
            // To the first column, and what was there is cleared.
            write("\r\u{1B}[K\(status.bar)")
            return
        }
        let isStep = shown.state != last?.state || shown.step != last?.step
        let isDue = ContinuousClock.now - lastAt >= .seconds(1)
        guard shown != last, isStep || isDue || isJSON else { return }
        say(isJSON ? String(decoding: json, as: UTF8.self) : status.text)
        (last, lastAt) = (shown, .now)
    }

    mutating func end() { if isLive { write("\n") } }

    private func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
