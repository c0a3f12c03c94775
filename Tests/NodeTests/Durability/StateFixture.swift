import Foundation
import Placement
import Primitives

@testable import Node

/// A folder that is gone after `body`.
func inFolder<Result>(
    _ body: (String) async throws -> Result
) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

func node(_ number: Int) -> NodeID {
    guard let id = NodeID("node-\(number)") else { preconditionFailure("node \(number)") }
    return id
}

extension PersistentState {
    /// A state of node 1 with some of everything; `incarnation` tells it from others.
    static func sample(_ incarnation: UInt64 = 1, of id: NodeID = node(1)) -> PersistentState {
        let runs = (1...3).map { NodeRun(id: node($0), incarnation: Incarnation(7)) }
        var view = OwnershipView.none(cluster: ClusterID(founders: 1, unique: 2))
        view.epoch = Epoch(4)
        view.key = PlacementKey(low: 3, high: 4)
        view.members = runs.map { OwnershipMember(run: $0, address: .loopback(port: 7_001)) }
        view.voters = runs.map(\.id)
        view.latestRuns = runs
        var next = view
        next.epoch = Epoch(5)
        let ballot = Ballot(round: 9, proposer: runs[1])
        return PersistentState(
            id: id,
            incarnation: Incarnation(incarnation),
            view: view,
            promised: ballot,
            accepted: AcceptedView(ballot: ballot, view: next)
        )
    }
}

extension StateFile {
    static func open(_ folder: String, of id: NodeID = node(1)) throws(StateFileError) -> Opened {
        try open(directory: folder, node: id)
    }

    /// The same when a file of this folder may still be on its way out.
    static func reopen(_ folder: String) async throws -> Opened {
        try await eventually("the folder is free again") { try open(folder) }
    }

    func write(_ state: PersistentState, number: UInt64) async -> Result<UInt64, StateFileError> {
        await withCheckedContinuation { continuation in
            write(state, number: number) { continuation.resume(returning: $0) }
        }
    }
}

/// What `open` says of a folder that it refuses; nil when it does not.
func refusal(of folder: String, for id: NodeID = node(1)) -> StateFileError.Reason? {
    do throws(StateFileError) {
        _ = try StateFile.open(folder, of: id)
        return nil
    } catch {
        return error.reason
    }
}

/// The same for a folder that nobody has.
///
/// A child that other tests have just made may keep its lock until it runs its own program.
func refusal(
    ofFree folder: String,
    for id: NodeID = node(1)
) async throws -> StateFileError.Reason? {
    let deadline = Deadline(after: Deadline.patience)
    while true {
        let reason = refusal(of: folder, for: id)
        guard case .inUse = reason, !deadline.hasPassed else { return reason }
        try await Task.sleep(for: .milliseconds(1))
    }
}
