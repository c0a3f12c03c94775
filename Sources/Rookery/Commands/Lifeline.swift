import Dispatch
import Foundation

/// Lets a node end with the process that started it.
///
/// The parent keeps the writing end of the node's standard input; when the parent is gone, however
/// it went, the kernel closes that end.
enum Lifeline {
    /// Set in the environment by a parent that holds the other end.
    static let variable = "ROOK_LIFELINE"

    /// Calls `lost` when the parent is gone; never, without one that holds the line.
    static func watch(_ lost: @escaping @Sendable () -> Void) {
        guard ProcessInfo.processInfo.environment[variable] == "1" else { return }
        DispatchQueue.global().async {
            while let data = try? FileHandle.standardInput.read(upToCount: 1_024), !data.isEmpty {}
            lost()
        }
    }
}
