import Bench
import Testing

@testable import Node

@Suite struct BenchOptionsTests {
    private let url = "ws://127.0.0.1:8001/objects/Echo/{n}"

    private func parse(_ line: String) throws -> BenchPlan {
        let words = line.split(separator: " ").map(String.init)
        guard case .bench(let options) = try CommandLineParser.parse(["bench"] + words) else {
            throw UsageError.noCommand
        }
        return options.plan
    }

    @Test func `a URL alone is an echo with the defaults`() throws {
        let plan = BenchPlan([try #require(BenchURL(url))])
        #expect(try parse(url) == plan)
        #expect(try parse("echo \(url)") == plan)
        #expect(plan.work == .echo && plan.connections == 100 && plan.pipeline == 1)
    }

    @Test func `every option has its place`() throws {
        var plan = BenchPlan(try [url, "ws://b"].map { try #require(BenchURL($0)) })
        (plan.connections, plan.pipeline, plan.payloadBytes) = (7, 16, 0)
        (plan.isText, plan.seconds, plan.warmup, plan.threads) = (true, 0.5, 0, 2)
        plan.pids = [12, 7]
        plan.headers = ["X-One": "a: b", "Authorization": "Bearer secret"]
        let options =
            "-c 7 -p 16 --payload 0 --text --seconds 0.5 --warmup 0 --threads 2 --pid=12 --pid 7"
            + " --header X-One:a:"
        let words = ["bench", url, "ws://b"] + options.split(separator: " ").map(String.init)
        let last = words[words.count - 1] + " b"
        let command = try CommandLineParser.parse(
            words.dropLast() + [last, "--token", "secret", "--json"]
        )
        var expected = BenchOptions(plan)
        expected.isJSON = true
        #expect(command == .bench(expected))
        #expect(try parse("--connections 7 --pipeline 16 \(url)").pipeline == 16)
        #expect(try parse("--rate 10000000 \(url)").rate == 10_000_000)
    }

    @Test func `a fan-out has receivers, copies and a longer message`() throws {
        let plan = try parse("fanout \(url) --receivers 3 --copies 2 --rate 5")
        #expect(plan.work == .fanout && plan.connections == 3 && plan.copies == 2)
        #expect(plan.payloadBytes == 100 && plan.connectionCount == 4)
        #expect(try parse("fanout \(url) --payload 35").payloadBytes == 35)
    }

    @Test(arguments: [
        "-c 1", "-c 1000000", "-p 65536", "--payload 33554432", "--rate 1", "--seconds 0.1",
        "--seconds 86400", "--warmup 3600", "--threads 64", "--pid 2147483647",
    ])
    func `a number may be at its limit`(option: String) throws {
        _ = try parse("\(url) \(option)")
    }

    @Test(arguments: [
        "-c 0", "-c 1000001", "-p 0", "-p 65537", "--payload -1", "--payload 33554433", "--rate 0",
        "--rate 10000001", "--seconds 0.09", "--seconds 86400.1", "--seconds nan",
        "--warmup -1", "--warmup 3601", "--threads 0", "--threads 65", "--pid 0",
        "--pid 2147483648", "-c x", "--header X", "--header :a", "--header Host:a",
        "--header sec-websocket-KEY:a", "--token=", "--receivers 1", "--copies 1",
        "--rate 1 -p 1", "-c 1 --connections 1", "-x 1", "-c",
    ])
    func `and no further, nor is anything else a value`(option: String) {
        #expect(throws: UsageError.self) { try parse("\(url) \(option)") }
    }

    @Test(arguments: [
        "", "echo", "idle", "echoes ws://a", "wss://a", "ws://a b", "idle ws://a --rate 1",
        "connect ws://a --payload 1", "idle ws://a --text", "fanout ws://a -c 1",
        "fanout ws://a --payload 34", "fanout ws://a --copies 17",
    ])
    func `a work without a URL, or with what has no meaning for it, is wrong usage`(line: String) {
        #expect(throws: UsageError.self) { try parse(line) }
    }

    @Test func `there are at most so many URLs and fields`() throws {
        func urls(_ count: Int) -> String {
            Array(repeating: url, count: count).joined(separator: " ")
        }
        #expect(try parse(urls(BenchPlan.urlCountMax)).urls.count == BenchPlan.urlCountMax)
        #expect(throws: UsageError.self) { try parse(urls(BenchPlan.urlCountMax + 1)) }
        func fields(_ count: Int) -> String {
            (0..<count).map { "--header X-\($0):a" }.joined(separator: " ")
        }
        let most = try parse("\(url) " + fields(BenchPlan.headerCountMax))
        #expect(most.headers.count == BenchPlan.headerCountMax)
        #expect(throws: UsageError.self) {
            try parse("\(url) " + fields(BenchPlan.headerCountMax + 1))
        }
    }

    @Test func `there are at most so many processes, each once`() throws {
        func pids(_ count: Int) -> String { (1...count).map { " --pid \($0)" }.joined() }
        let most = BenchPlan.pidCountMax
        #expect(try parse(url + pids(most)).pids.count == most)
        #expect(throws: UsageError.self) { try parse(url + pids(most + 1)) }
        #expect(throws: UsageError.self) { try parse(url + " --pid 3 --pid 3") }
    }

    @Test func `a token that cannot be sent is not repeated`() {
        let long = String(repeating: "x", count: BenchPlan.tokenByteCountMax)
        #expect(throws: Never.self) { try parse("\(url) --token \(long)") }
        do {
            _ = try parse("\(url) --token \(long)x")
            Issue.record("it was taken")
        } catch {
            #expect(!"\(error)".contains("xx"))
        }
    }

    @Test func `the help tells what each kind of work is for`() {
        let text = HelpText.text(.bench)
        for work in BenchPlan.Work.allCases { #expect(text.contains("  \(work.rawValue) ")) }
        #expect(text.contains("-c, --connections N"))
        #expect(text.contains("[WORK]") && text.contains(" URL…\n"))
        let options = text.split(separator: "\n").filter { $0.hasPrefix("  -") }
        #expect(options.allSatisfy { $0.count <= 100 })
    }
}
