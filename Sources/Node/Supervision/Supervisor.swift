import Dispatch
import Foundation
import Primitives
import Synchronization
import Transport

/// Whoever has started this process and waits for word from it: systemd, with `Type=notify`.
///
/// Any thread. Each word is one datagram, sent from a queue of its own: no event loop waits for it.
package final class Supervisor: Sendable {
    private let address: SupervisorAddress
    private let log: Log
    private let queue = DispatchQueue(label: "supervisor")
    private let hasFailed = Mutex(false)

    package init(_ address: SupervisorAddress, log: Log) {
        self.address = address
        self.log = log
    }

    /// The one that waits for word from this process; nil when nobody does.
    package static func ofThisProcess(log: Log) -> Supervisor? {
        let process = ProcessInfo.processInfo
        let address = SupervisorAddress(
            environment: process.environment,
            process: process.processIdentifier
        )
        return address.map { Supervisor($0, log: log) }
    }

    /// Sends a word, after those before it; one that cannot be sent is logged once and lost.
    package func tell(_ word: SupervisorWord) {
        queue.async { [self] in send(word) }
    }

    /// Tells from now on that `node` is well, twice in the time that the supervisor gives it, as
    /// long as every event loop turns.
    package func watch(_ node: NodeProcess) {
        guard let time = address.watchdogTime else { return }
        beat(node, every: time / 2)
    }

    /// A loop that does not turn has no answer to give, and then no word is sent.
    private func beat(_ node: NodeProcess, every time: Duration) {
        node.turnLoops { [self] in
            tell(.alive)
            queue.asyncAfter(deadline: .now() + time.inSeconds) { [self] in
                beat(node, every: time)
            }
        }
    }

    private func send(_ word: SupervisorWord) {
        do throws(SocketError) {
            try SystemCall.notify(address.path, Array(word.text.utf8))
        } catch {
            let isFirst = hasFailed.withLock { failed in
                defer { failed = true }
                return !failed
            }
            guard isFirst else { return }
            log.warning("the supervisor cannot be told", ["error": "\(error)"])
        }
    }
}
