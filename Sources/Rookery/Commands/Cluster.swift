import Foundation
import Node
import Primitives

/// Runs `rook cluster`: several nodes on this machine, each a process of its own.
///
/// Their logs are printed with the node's name in front. A signal ends all of them; so does the
/// end of this process, however it comes.
func runCluster(_ options: ClusterOptions, examplePaths: [String]) async throws -> ExitStatus {
    let cluster = try LocalCluster(options)
    defer { cluster.cleanUp() }
    let (endings, ending) = AsyncStream.makeStream(of: LocalCluster.Ending.self)
    let signals = Signals([SIGINT, SIGTERM]) { _ in ending.yield(.signal) }
    defer { signals.cancel() }
    try cluster.start { ending.yield($0) }
    let greeting = Task { await cluster.greet(examplePaths) }
    defer { greeting.cancel() }
    var isStopping = false
    for await ending in endings {
        switch ending {
        case .signal where isStopping:
            cluster.kill()
            return .failed
        case .signal:
            isStopping = true
            say("\(ProgramName.current): ending \(options.nodeCount) nodes")
            cluster.stop()
            if cluster.isEnded { return cluster.status }
        case .node(let name, let status):
            if !isStopping {
                complain("\(name) has ended with status \(status); the others go on")
            }
            guard cluster.isEnded else { continue }
            if isStopping { return cluster.status }
            complain("no node is left; if their ports are taken, try --base-port")
            return .failed
        }
    }
    return .done
}
