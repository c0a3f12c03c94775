import Node
import Primitives
import Queues
import Synchronization
import Transport

/// What the nodes of a test have logged.
final class Journal: Sendable {
    /// The oldest lines go.
    static let linesMax = 10_000

    private let text = Mutex(Deque<String>())

    var lines: [String] { text.withLock { Array($0) } }

    func log(of node: String, in world: VirtualWorld) -> Log {
        // The nodes' logs hold this, and the world holds the nodes.
        Log(subsystem: node, level: .notice) { [weak world] line in
            guard let world else { return }
            let words = line.split(separator: " ", maxSplits: 1).last ?? ""
            self.add("\(TestClusterError.text(world.age)) \(node) \(words)")
        }
    }

    private func add(_ line: String) {
        text.withLock { text in
            text.append(line)
            if text.count > Self.linesMax { _ = text.popFirst() }
        }
    }
}
