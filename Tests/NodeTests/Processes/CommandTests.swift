import Foundation
import Testing

extension ProcessTests {
    /// How `rook` ends when it cannot do what it is asked to: one line and a status.
    @Suite struct CommandTests {
        @Test(arguments: [
            "client.lisen=127.0.0.1:0", "threads=many", "peer.listen=0.0.0.0:7001",
            "no equals sign",
        ])
        func `a wrong setting is one line and status 78`(_ setting: String) async throws {
            let process = try RookProcess(["serve", "--set", setting])
            #expect(try await process.exit() == .status(78))
            #expect(process.errorLines.count == 1, "\(process.errorText)")
            #expect(process.outputText.isEmpty)
        }

        @Test func `a wrong line of a file is named with its number`() async throws {
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("rook-test-\(UUID().uuidString).conf").path
            try "# nodes\nnode.name = a\nping.intervall = 2s\n"
                .write(toFile: path, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let process = try RookProcess(["serve", "--config", path])
            #expect(try await process.exit() == .status(78))
            #expect(process.errorLines.count == 1)
            #expect(process.errorText.contains(":3: "))
            #expect(process.errorText.contains("ping.interval"))
        }

        @Test(arguments: [
            [], ["server"], ["serve", "--nonsense"], ["serve", "--set"], ["locate", "Echo"],
            ["recover", "--force"],
        ])
        func `a command line that makes no sense is one line and status 64`(
            _ arguments: [String]
        ) async throws {
            let process = try RookProcess(arguments)
            #expect(try await process.exit() == .status(64))
            #expect(process.errorLines.count == 1, "\(process.errorText)")
        }

        @Test func `a program of another name tells its user to call that`() async throws {
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("rook-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            let program = folder.appendingPathComponent("Arena")
            try FileManager.default.createSymbolicLink(
                at: program,
                withDestinationURL: RookProcess.executable
            )
            for (arguments, words) in [
                ([], "Arena: expected a command; `Arena help` lists them"),
                (["serve", "x"], "Arena: serve does not take x; see `Arena serve --help`"),
                (["--help"], "Usage: Arena COMMAND"),
                (["status", "--help"], "Usage: Arena status"),
                (["--version"], "Arena (Rookery"), (["recover"], "Arena recover --force"),
                (
                    ["serve", "--set", "peer.listen=0.0.0.0:7001"],
                    "(`Arena secret` makes one)"
                ),
            ] {
                let process = try RookProcess(arguments, of: program)
                try await process.exit()
                let text = process.outputText + process.errorText
                #expect(text.contains(words))
                #expect(text.firstMatch(of: /\brook\b/) == nil)
            }
        }

        @Test func `a cluster takes the secret that it is given`() async throws {
            let secret = "cluster.secret=c2VjcmV0IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGJ5dGVzIQ=="
            let own = ["seeds="] + ["peer", "client", "admin"].map { "\($0).listen=127.0.0.1:0" }
            let process = try RookProcess(
                ["cluster", "--nodes", "1"] + (own + [secret]).flatMap { ["--set", $0] }
            )
            try await eventually("its node is a cluster") {
                !process.isRunning || process.outputText.contains(" cluster view epoch=1 ")
            }
            #expect(process.isRunning, "\(process.outputText)")
            process.signal(SIGTERM)
            #expect(try await process.exit() == .status(0))
        }

        @Test func `recover explains itself, and does nothing without force`() async throws {
            let process = try RookProcess(["recover"])
            #expect(try await process.exit() == .status(64))
            #expect(process.errorText.isEmpty)
            #expect(process.outputText.contains("Nothing was done"))
        }

        @Test(arguments: [
            ["locate", "Echo", "a"], ["leave"], ["recover", "--force", "--members", "a", "--yes"],
        ])
        func `a command that no node answers is one line and status 1`(
            _ arguments: [String]
        ) async throws {
            // Nobody listens on the port of discard.
            let process = try RookProcess(arguments + ["--admin", "127.0.0.1:9"])
            #expect(try await process.exit() == .status(1))
            #expect(process.errorLines.count == 1, "\(process.errorText)")
            #expect(process.outputText.isEmpty)
        }

        @Test(arguments: ["peer.listen", "client.listen", "admin.listen"])
        func `a port in use is one line and status 1`(_ key: String) async throws {
            let first = try await LocalNode("first")
            let taken =
                switch key {
                case "peer.listen": first.peer
                case "client.listen": first.client
                default: first.admin
                }
            let free = ["peer.listen", "client.listen", "admin.listen"].filter { $0 != key }
            let settings = ["\(key)=\(taken)"] + free.map { "\($0)=127.0.0.1:0" }
            let process = try RookProcess(["serve"] + settings.flatMap { ["--set", $0] })
            #expect(try await process.exit() == .status(1))
            #expect(process.errorLines.count == 1, "\(process.errorText)")
            #expect(process.errorText.contains("\(taken)"))
        }

        @Test func `status shows every node, or says that none answers`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    let process = try RookProcess(["status", "--admin", "\(node.admin)"])
                    #expect(try await process.exit() == .status(0))
                    for name in nodes.all.map(\.name) { #expect(process.outputText.contains(name)) }
                }
                nodes[0].process.signal(SIGKILL)
                try await nodes[0].process.exit()
                let process = try RookProcess(["status", "--admin", "\(nodes[0].admin)"])
                #expect(try await process.exit() == .status(1))
                #expect(process.errorLines.count == 1)
            }
        }
    }
}

extension RookProcess {
    var errorLines: [Substring] { errorText.split(separator: "\n") }
}
