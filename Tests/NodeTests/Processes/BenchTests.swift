import Bench
import Foundation
import Testing

extension ProcessTests {
    /// `rook bench` against a node.
    @Suite struct BenchTests {
        private static let brief = ["--seconds", "0.3", "--warmup", "0.1", "--json"]

        private func bench(_ arguments: [String]) async throws -> BenchReport {
            let process = try RookProcess(["bench"] + arguments + Self.brief)
            #expect(try await process.exit() == .status(0), "\(process.errorText)")
            #expect(process.errorText.isEmpty)
            return try report(of: process)
        }

        private func report(of process: RookProcess) throws -> BenchReport {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(BenchReport.self, from: Data(process.outputText.utf8))
        }

        @Test(arguments: [
            "-c 10", "-c 10 -p 16", "-c 3 --threads 2 --text --payload 70000", "-c 10 --rate 2000",
            "-c 10 --threads 3 --rate 2000 --payload 0", "-c 2 -p 100 --payload 9000",
        ])
        func `what is sent comes back`(options: String) async throws {
            let node = try await LocalNode("a")
            let url = "ws://\(node.client)/objects/Echo/{n}"
            let words = options.split(separator: " ").map(String.init)
            let report = try await bench([url, "--pid", "\(node.process.pid)"] + words)
            #expect(report.faults.isEmpty)
            #expect(report.completed > 0)
            #expect(report.latency?.count == UInt64(report.completed))
            if let rate = report.rate {
                #expect(report.completed == Int(Double(rate) * 0.3))
                #expect(report.sendDelay?.count == UInt64(report.completed))
            }
            let server = try #require(report.server)
            #expect(server.residentBytesEnd > 0 && server.cpuSeconds >= 0)
        }

        @Test(arguments: [["--rate", "50"], [], ["--threads", "2", "-p", "4"]])
        func `every receiver gets every message`(options: [String]) async throws {
            let node = try await LocalNode("a")
            let report = try await bench(
                ["fanout", "ws://\(node.client)/websocket", "--receivers", "7", "--copies", "2"]
                    + options
            )
            #expect(report.faults.isEmpty)
            #expect(report.completed > 0 && report.completed.isMultiple(of: 14))
        }

        @Test func `connections are held, and opened and closed`() async throws {
            let node = try await LocalNode("a")
            let url = "ws://\(node.client)/objects/Echo/a"
            let idle = try await bench(["idle", url, "-c", "20"])
            #expect(idle.faults.isEmpty && idle.completed == 0 && idle.latency == nil)
            let connect = try await bench(["connect", url, "-c", "4"])
            #expect(connect.faults.isEmpty)
            #expect(connect.completed > 0)
            try await eventually("no client") { try await node.figures().sessions.edge == 0 }
        }

        @Test func `the table says what was measured`() async throws {
            let node = try await LocalNode("a")
            let process = try RookProcess(
                ["bench", "ws://\(node.client)/objects/Echo/a", "--seconds", "0.2", "-c", "2"]
            )
            #expect(try await process.exit() == .status(0))
            for word in ["work ", "messages ", "latency ", "client "] {
                #expect(process.outputText.contains(word))
            }
        }

        @Test func `other bytes than were sent are counted, and the status is 1`() async throws {
            let node = try await LocalNode("a")
            let url = "ws://\(node.client)/objects/Counter/a"
            let process = try RookProcess(["bench", url, "--text", "-c", "2"] + Self.brief)
            #expect(try await process.exit() == .status(1))
            #expect(try report(of: process).faults.wrong > 0)
        }

        @Test func `a server that ends is told with its code, at once`() async throws {
            let node = try await LocalNode("a")
            let url = "ws://\(node.client)/objects/Echo/a"
            let process = try RookProcess(
                ["bench", "idle", url, "-c", "2", "--seconds", "3600", "--json"]
            )
            try await eventually("two clients") { try await node.figures().sessions.edge == 2 }
            node.process.signal(SIGTERM)
            #expect(try await process.exit() == .status(1))
            let report = try report(of: process)
            #expect(report.faults.lost == 2)
            #expect(report.faults.firstEnd?.contains("1012") == true)
        }

        @Test func `what cannot be measured is one line`() async throws {
            let node = try await LocalNode("a")
            // Nobody listens on the port of discard.
            let cases: [(arguments: [String], word: String)] = [
                (["ws://127.0.0.1:9/"], "refused"),
                (["connect", "ws://127.0.0.1:9/", "--seconds", "0.1"], "refused"),
                (["ws://\(node.client)/objects/Nothing/a"], "404"),
                (["ws://\(node.client)/objects/Echo/a", "--pid", "2147483647"], "no process"),
                (["ws://\(node.client)/objects/Echo/a", "-c", "1000000"], "ulimit"),
            ]
            for (arguments, word) in cases {
                let process = try RookProcess(["bench"] + arguments)
                #expect(try await process.exit() == .status(1))
                #expect(process.errorLines.count == 1)
                #expect(process.errorText.contains(word), "\(process.errorText)")
            }
        }
    }
}
