import Foundation
import Primitives
import Testing
import Transport

@testable import Node

extension ProcessTests {
    /// What a node says by itself when something is not as its operator would have it.
    @Suite struct HintTests {
        private static let ports = ["peer", "client", "admin"].map { "\($0).listen=127.0.0.1:0" }

        private func serve(_ settings: [String]) throws -> RookProcess {
            let all = ["node.name=\(node(1).name)", "threads=2"] + Self.ports + settings
            return try RookProcess(["serve"] + all.flatMap { ["--set", $0] })
        }

        @Test func `a process that was stopped blames no handler`() async throws {
            let node = try serve(["health.loop_time=500ms"])
            try await eventually("it serves") { node.outputText.contains("admin") }
            try await node.standStill()
            let end = BootClock.now.advanced(by: .seconds(1))
            try await eventually("a second has gone") { BootClock.now > end }
            node.signal(SIGCONT)
            let line = "warning node this process did not run: it was stopped, or had no processor"
            try await eventually("it says so") { node.errorText.contains(line) }
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
            #expect(!node.errorText.contains("does not turn"), "\(node.errorText)")
        }

        @Test func `a folder that its former node lets go of is waited for`() async throws {
            try await inFolder { folder in
                var holder: StateFile.Opened? = try StateFile.open(folder)
                let next = try serve(["data.directory=\(folder)"])
                try await eventually("it waits") { next.errorText.contains("is in use") }
                withExtendedLifetime(holder) {}
                holder = nil
                try await eventually("it serves") { next.outputText.contains("admin") }
                next.signal(SIGTERM)
                #expect(try await next.exit() == .status(0))
            }
        }

        @Test func `a folder that is kept is waited for in vain`() async throws {
            try await inFolder { folder in
                let holder = try StateFile.open(folder)
                let second = try serve(["data.directory=\(folder)"])
                #expect(try await second.exit() == .status(1))
                #expect(second.errorText.contains("in use by process"), "\(second.errorText)")
                withExtendedLifetime(holder) {}
            }
        }

        @Test func `a node that nobody takes in says what it waits for`() async throws {
            let node = try serve(["seeds=127.0.0.1:9"])
            let line = "warning cluster no member of a cluster yet reason=\"no other node of seeds"
            try await eventually("it says so", within: .seconds(20)) {
                node.errorText.contains(line)
            }
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
        }

        @Test func `two clusters that meet both say so, and stay two`() async throws {
            try await inFolder { folder in
                let first = try serve(["data.directory=\(folder)"])
                let other = try await peerAddress(of: first)
                let second = try RookProcess(
                    ["serve"]
                        + (["node.name=other"] + Self.ports).flatMap { ["--set", $0] }
                )
                let address = try await peerAddress(of: second)
                first.signal(SIGTERM)
                #expect(try await first.exit() == .status(0))
                let again = try serve([
                    "data.directory=\(folder)", "seeds=\(other),\(address)",
                ])
                let line = "nodes are there and no members here: of another cluster"
                try await eventually("both say so", within: .seconds(30)) {
                    [again, second].allSatisfy { $0.errorText.contains(line) }
                }
                for node in [again, second] { node.signal(SIGTERM) }
                #expect(try await again.exit() == .status(0))
                #expect(try await second.exit() == .status(0))
            }
        }

        private func peerAddress(of node: RookProcess) async throws -> String {
            try await eventually("its ports are told") {
                let line = node.outputText.split(separator: "\n").first { $0.hasPrefix("peers") }
                return line?.split(separator: " ").last.map(String.init)
            }
        }

        @Test func `a port that is no admin side is called so`() async throws {
            let node = try serve([])
            let client: String = try await eventually("its ports are told") {
                let line = node.outputText.split(separator: "\n").first { $0.hasPrefix("clients") }
                return line?.split(separator: "/").last.map(String.init)
            }
            let status = try RookProcess(["status", "--admin", client])
            #expect(try await status.exit() == .status(1))
            #expect(status.errorText.contains("is not the admin side of a node"))
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
        }
    }
}
