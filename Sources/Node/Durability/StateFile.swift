import Foundation
package import Placement
package import Primitives
import Synchronization
package import Transport

/// Keeps what a node must find again after a restart; without a `data.directory`, in memory only.
///
/// All work with files is done on a worker of its own, one state after the other. After the first
/// failure nothing is written any more: what the disk holds then is not known, and a voter that
/// cannot keep its word must give none.
package final class StateFile: Sendable {
    /// Called on the worker of the file, and never from within `write`.
    package typealias Completion = @Sendable (Result<UInt64, StateFileError>) -> Void

    /// What `open` has found.
    package struct Opened: Sendable {
        package let file: StateFile
        /// Nil for a node that has none yet, or keeps none.
        package let state: PersistentState?
        /// For `OwnershipMember.machine`; zero without a folder.
        package let machine: UInt64
        /// True when the lock proves that no former process of this folder runs any more.
        package let isPredecessorDead: Bool
    }

    private struct Write: Sendable {
        let state: PersistentState
        let number: UInt64
        let completed: Completion
    }

    private struct State: Sendable {
        /// The one write that waits; a later one takes its place.
        var waiting: Write?
        var failure: StateFileError?
    }

    /// How long a write waits for a descriptor to become free, in seconds, each time.
    private static let descriptorWait = 0.05

    private let path: String
    /// Nil without a folder.
    private let directory: (any StateDirectory)?
    private let worker: BlockingWorker
    private let state = Mutex(State())

    private init(path: String, directory: (any StateDirectory)?, on system: any System) {
        self.path = path
        self.directory = directory
        worker = system.makeBlockingWorker("rookery.state")
    }

    /// Locks the folder at `path` for `node` and reads its state; an empty `path` is no folder.
    ///
    /// It blocks, so call it before the node serves. The lock is held until the file and its
    /// last write are gone; a second file of the same folder, in any process, is refused.
    package static func open(
        directory path: String,
        node: NodeID,
        on system: any System = kernel
    ) throws(StateFileError) -> Opened {
        guard !path.isEmpty else {
            let file = StateFile(path: "", directory: nil, on: system)
            return Opened(file: file, state: nil, machine: 0, isPredecessorDead: false)
        }
        return try open(DataDirectory(path: path), path: path, node: node, on: system)
    }

    /// The same for a place that nobody else uses, which errors call `path`.
    package static func open(
        _ directory: any StateDirectory,
        path: String,
        node: NodeID,
        on system: any System
    ) throws(StateFileError) -> Opened {
        let bytes: [UInt8]?
        let machine: UInt64
        do throws(SocketError) {
            bytes = try directory.read()
            machine = try directory.machine()
        } catch {
            throw StateFileError(path: path, reason: .unusable(error))
        }
        return Opened(
            file: StateFile(path: path, directory: directory, on: system),
            state: try bytes.map { bytes throws(StateFileError) in
                try state(in: bytes, of: node, path: path)
            },
            machine: machine,
            isPredecessorDead: true
        )
    }

    private static func state(
        in bytes: [UInt8],
        of node: NodeID,
        path: String
    ) throws(StateFileError) -> PersistentState {
        let reason: StateFileError.Reason
        do throws(PersistentStateError) {
            guard bytes.count <= DataDirectory.stateBytesMax else { throw .damaged }
            let state = try PersistentState(decoding: bytes)
            if state.id == node { return state }
            reason = .otherNode(state.id, expected: node)
        } catch {
            reason =
                switch error {
                case .foreign: .foreign
                case .unknownVersion(let version): .unknownVersion(version)
                case .damaged, .malformed: .damaged
                }
        }
        throw StateFileError(path: path, reason: reason)
    }

    /// Writes `state` after what is being written now; one that waits still is replaced by it.
    ///
    /// `completed` gets `number` when this state will outlive a power cut, and so does everything
    /// that was given earlier: a state that was replaced is confirmed by the one that replaced it,
    /// and not called for. After the first failure every call gets that.
    package func write(
        _ state: PersistentState,
        number: UInt64,
        completed: @escaping Completion
    ) {
        let write = Write(state: state, number: number, completed: completed)
        let isFirst = self.state.withLock { state in
            defer { state.waiting = write }
            return state.waiting == nil
        }
        guard isFirst else { return }
        worker { self.writeWaiting() }
    }

    private func writeWaiting() {
        let (write, failure) = state.withLock { state in
            defer { state.waiting = nil }
            return (state.waiting, state.failure)
        }
        guard let write else { return }
        if let failure { return write.completed(.failure(failure)) }
        do throws(StateFileError) {
            try store(write.state)
            write.completed(.success(write.number))
        } catch {
            state.withLock { $0.failure = error }
            write.completed(.failure(error))
        }
    }

    private func store(_ state: PersistentState) throws(StateFileError) {
        guard let directory else { return }
        let bytes = state.encoded
        guard bytes.count <= DataDirectory.stateBytesMax else {
            let reason = StateFileError.Reason.tooLarge(limit: DataDirectory.stateBytesMax)
            throw StateFileError(path: path, reason: reason)
        }
        do throws(SocketError) {
            try writeWhenPossible(bytes, in: directory)
        } catch {
            throw StateFileError(path: path, reason: .unwritable(error))
        }
    }

    /// A lack of descriptors is no fault of the disk, and passes.
    private func writeWhenPossible(
        _ bytes: [UInt8],
        in directory: any StateDirectory
    ) throws(SocketError) {
        while true {
            do throws(SocketError) {
                return try directory.write(bytes)
            } catch {
                guard error.isOutOfDescriptors else { throw error }
                Thread.sleep(forTimeInterval: Self.descriptorWait)
            }
        }
    }
}
