import Dispatch
import Foundation
import Node
import Synchronization

/// Reads the configuration file of a running node again, on SIGHUP.
///
/// A file that is wrong changes nothing.
final class Reloading: Sendable {
    private let options: ServeOptions
    private let node: NodeProcess
    private let nodeLog: Log
    private let log: Log
    private let supervisor: Supervisor?
    /// What the node runs with; the lock is held for as long as a file is read.
    private let running: Mutex<NodeConfiguration>

    init(
        _ options: ServeOptions,
        _ configuration: NodeConfiguration,
        of node: NodeProcess,
        log: Log,
        supervisor: Supervisor?
    ) {
        self.options = options
        self.node = node
        nodeLog = log
        self.log = log.named("configuration")
        self.supervisor = supervisor
        running = Mutex(configuration)
    }

    /// Reads the file, and lets the node go on with what can change while it runs.
    func run() {
        let began = DispatchTime.now().uptimeNanoseconds / 1_000
        supervisor?.tell(.reloading(at: began))
        defer { supervisor?.tell(.ready(status: node.serviceStatus)) }
        running.withLock { running in
            do {
                let read = try NodeConfiguration.load(
                    path: options.configurationPath,
                    overrides: options.overrides
                )
                let reload = try ConfigurationReload(from: running, to: read.configuration)
                running = reload.configuration
                adopt(reload)
            } catch {
                log.error(
                    "the configuration cannot be read again: all goes on as it was",
                    ["error": "\(error)"]
                )
            }
        }
    }

    private func adopt(_ reload: ConfigurationReload) {
        node.adopt(reload.configuration)
        let settings = reload.configuration.log
        nodeLog.set(settings.level, settings.format)
        for change in reload.changes {
            let fields: KeyValuePairs = ["key": change.key, "value": change.value]
            if change.isLive {
                log.notice("a key has another value", fields)
            } else {
                log.warning("a key needs a restart to have another value", fields)
            }
        }
        if reload.changes.isEmpty { log.notice("the configuration is as it was") }
    }
}

extension NodeProcess {
    /// What a supervisor shows of the node.
    var serviceStatus: String { "\(name) serves clients at \(addresses.client)" }
}
