import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Node

extension ProcessTests {
    @Suite struct SupervisionTests {
        @Test func `a supervisor hears when a node serves, is well and goes down`() async throws {
            let supervisor = try NotifySocket()
            let settings =
                ["node.name=watched", "threads=2"]
                + ["peer", "client", "admin"].map { "\($0).listen=127.0.0.1:0" }
            let node = try RookProcess(
                ["serve"] + settings.flatMap { ["--set", $0] },
                environment: ["NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "100000"]
            )
            try await eventually("three beats") {
                supervisor.words.count { $0 == "WATCHDOG=1" } >= 3
            }
            let first = try #require(supervisor.words.first)
            #expect(first.hasPrefix("READY=1\nSTATUS=watched serves clients at 127.0.0.1:"))
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
            let others = supervisor.words.dropFirst().filter { $0 != "WATCHDOG=1" }
            #expect(
                others == ["STOPPING=1\nSTATUS=watched hands over\nEXTEND_TIMEOUT_USEC=10000000"]
            )
        }

        @Test func `a node whose supervisor is gone serves all the same`() async throws {
            let node = try RookProcess(
                ["serve", "--set", "threads=1"]
                    + ["peer", "client", "admin"].flatMap { ["--set", "\($0).listen=127.0.0.1:0"] },
                environment: ["NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "20000"]
            )
            let line = "warning supervisor the supervisor cannot be told"
            try await eventually("the one warning") { node.errorText.contains(line) }
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
            #expect(node.errorText.components(separatedBy: line).count == 2)
        }

        @Test func `a node is well only when every loop has turned`() async throws {
            try await InnerNodes.run(1, registry: try ObjectRegistry([])) { nodes in
                let block = DispatchSemaphore(value: 0)
                let order = Mutex<[String]>([])
                let shards = await withCheckedContinuation { continuation in
                    nodes[0].control.execute { continuation.resume(returning: $0.shards) }
                }
                try #require(shards.count == 2)
                await withCheckedContinuation { continuation in
                    shards[1].execute { _ in
                        block.wait()
                        order.withLock { $0.append("the loop goes on") }
                    }
                    nodes[0].turnLoops {
                        order.withLock { $0.append("all have turned") }
                        continuation.resume()
                    }
                    // By then whoever asks the first loop alone would have had his answer.
                    nodes[0].control.execute { $0.loop.execute { block.signal() } }
                }
                #expect(order.withLock(\.self) == ["the loop goes on", "all have turned"])
            }
        }
    }
}
