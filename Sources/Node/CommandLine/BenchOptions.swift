package import Bench
import Foundation
import Wire

/// What to measure, and how to tell of it.
package struct BenchOptions: Equatable, Sendable {
    package var plan: BenchPlan
    /// One line of JSON, and not a table.
    package var isJSON = false

    package init(_ plan: BenchPlan) { self.plan = plan }
}

extension BenchOptions {
    init(_ words: CommandWords) throws(UsageError) {
        let first = words.operands.first ?? ""
        let work = BenchPlan.Work(rawValue: first)
        var plan = BenchPlan(try Self.urls(words.operands.dropFirst(work == nil ? 0 : 1)))
        plan.work = work ?? .echo
        try Self.refuseUseless(words, plan.work)
        if plan.work == .fanout { plan.payloadBytes = BenchPlan.fanOutPayloadBytes }
        let connections = plan.work == .fanout ? "--receivers" : "--connections"
        let payloads = plan.work == .fanout ? BenchPlan.fanOutPayloadSizes : BenchPlan.payloadSizes
        plan.connections =
            try words.count(of: connections, in: BenchPlan.connectionCounts) ?? plan.connections
        plan.pipeline = try words.count(of: "--pipeline", in: BenchPlan.pipelines) ?? plan.pipeline
        plan.payloadBytes = try words.count(of: "--payload", in: payloads) ?? plan.payloadBytes
        plan.isText = words.has("--text")
        plan.rate = try words.count(of: "--rate", in: BenchPlan.rates)
        plan.seconds = try words.seconds(of: "--seconds", in: BenchPlan.seconds) ?? plan.seconds
        plan.warmup = try words.seconds(of: "--warmup", in: BenchPlan.warmups) ?? plan.warmup
        plan.threads = try words.count(of: "--threads", in: BenchPlan.threadCounts) ?? plan.threads
        plan.copies = try words.count(of: "--copies", in: BenchPlan.copyCounts) ?? plan.copies
        plan.pids = try Self.pids(words)
        plan.headers = try Self.headers(words)
        if plan.rate != nil, words.has("--pipeline") {
            throw .uselessOption("--pipeline", for: "a --rate")
        }
        self.init(plan)
        isJSON = words.has("--json")
    }

    private static func urls(_ texts: ArraySlice<String>) throws(UsageError) -> [BenchURL] {
        guard let first = texts.first else { throw .missingOperand("URL", command: .bench) }
        guard texts.count <= BenchPlan.urlCountMax else {
            throw .badOperand(
                first,
                command: .bench,
                expected: "\(BenchPlan.urlCountMax) URLs at most"
            )
        }
        var urls: [BenchURL] = []
        for text in texts {
            guard let url = BenchURL(text) else {
                let example = "ws://127.0.0.1:8001/objects/Echo/{n}"
                throw .badOperand(
                    text,
                    command: .bench,
                    expected: "\(works), or a URL without TLS such as \(example)"
                )
            }
            urls.append(url)
        }
        return urls
    }

    private static func pids(_ words: CommandWords) throws(UsageError) -> [Int32] {
        let pids = try words.counts(of: "--pid", in: 1...Int(Int32.max)).map { Int32($0) }
        guard pids.count <= BenchPlan.pidCountMax, Set(pids).count == pids.count else {
            let expected = "\(BenchPlan.pidCountMax) processes at most, each once"
            throw .badValue("\(pids[pids.count - 1])", option: "--pid", expected: expected)
        }
        return pids
    }

    private static let works = BenchPlan.Work.allCases.map(\.rawValue).joined(separator: ", ")

    /// What has no meaning for a kind of work is refused, so that nobody believes it had one.
    private static func refuseUseless(
        _ words: CommandWords,
        _ work: BenchPlan.Work
    ) throws(UsageError) {
        let useless =
            switch work {
            case .echo: ["--receivers", "--copies"]
            case .fanout: ["--connections"]
            case .idle, .connect:
                ["--receivers", "--copies", "--pipeline", "--payload", "--text", "--rate"]
            }
        if let option = useless.first(where: words.has) {
            throw .uselessOption(option, for: "\(CommandName.bench.rawValue) \(work.rawValue)")
        }
    }

    private static func headers(_ words: CommandWords) throws(UsageError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        let texts = words.values(of: "--header")
        for (index, text) in texts.enumerated() {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let isOwn = BenchPlan.ownFields.contains { $0.lowercased() == name.lowercased() }
            if parts.count == 2, !isOwn, index < BenchPlan.headerCountMax {
                headers.add(name, parts[1].trimmingCharacters(in: .whitespaces))
            }
            guard headers.count == index + 1 else {
                let expected =
                    "Name: value, \(BenchPlan.headerCountMax) at most, and none of the handshake"
                throw .badValue(text, option: "--header", expected: expected)
            }
        }
        if let token = words.value(of: "--token") {
            let isGood =
                !token.isEmpty && token.utf8.count <= BenchPlan.tokenByteCountMax
                && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isGood else {
                let expected = "1 to \(BenchPlan.tokenByteCountMax) visible ASCII characters"
                throw .badValue("(secret)", option: "--token", expected: expected)
            }
            headers.set("Authorization", "Bearer \(token)")
        }
        return headers
    }
}

extension CommandWords {
    /// The value of an option that is a time in seconds.
    fileprivate func seconds(
        of option: String,
        in range: ClosedRange<Double>
    ) throws(UsageError) -> Double? {
        guard let text = value(of: option) else { return nil }
        guard let seconds = Double(text), range.contains(seconds) else {
            let expected = "seconds from \(range.lowerBound) to \(range.upperBound)"
            throw .badValue(text, option: option, expected: expected)
        }
        return seconds
    }
}

extension CommandDescription {
    static let bench = CommandDescription(
        name: .bench,
        operands: ["WORK", "URL"],
        optionalOperandCount: 1,
        lastOperandRepeats: true,
        summary: "Put load on a WebSocket server and measure it; {n} in a URL is the connection.",
        choices: [
            ("echo", "Send messages that come back as they were; this is meant if none is named."),
            ("fanout", "Send from one connection what all others get, and check each delivery."),
            ("idle", "Hold connections that do nothing."),
            ("connect", "Open connections and close them, over and over."),
        ],
        options: [
            Option(
                name: "--connections",
                short: "-c",
                value: "N",
                summary: "How many, to the URLs in turn; 100 if not given. For connect, at a time."
            ),
            Option(name: "--receivers", value: "N", summary: "The same for fanout."),
            Option(
                name: "--copies",
                value: "N",
                summary: "How often each receiver gets each message; 1 if not given."
            ),
            Option(
                name: "--pipeline",
                short: "-p",
                value: "N",
                summary: "Messages on their way at a time, of each connection; 1 if not given."
            ),
            Option(
                name: "--payload",
                value: "BYTES",
                summary: "Of each message; 20 if not given, 100 for fanout, which needs 35."
            ),
            Option(name: "--text", summary: "Send text and not binary messages."),
            Option(
                name: "--rate",
                value: "N",
                summary: "Send N messages a second in all; latency counts from when each was due."
            ),
            Option(name: "--seconds", value: "S", summary: "How long to measure; 5 if not given."),
            Option(name: "--warmup", value: "S", summary: "Load before that; 1 if not given."),
            Option(name: "--threads", value: "N", summary: "Threads of load; 1 if not given."),
            Option(
                name: "--pid",
                value: "PID",
                repeats: true,
                summary: "A process of the server on this machine, for time and memory; or several."
            ),
            Option(
                name: "--header",
                value: "FIELD",
                repeats: true,
                summary: "Add 'Name: value' to each handshake; may be repeated."
            ),
            Option(name: "--token", value: "TOKEN", summary: "Say who this is, as a bearer token."),
            Option(name: "--json", summary: "Print one line of JSON."),
        ]
    )
}
