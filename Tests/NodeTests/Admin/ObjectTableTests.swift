import Foundation
import Primitives
import Testing

@testable import Node

@Suite struct ObjectTableTests {
    private static let now = Date(timeIntervalSince1970: 1_764_000_100)

    private func row(_ name: String, messages: UInt64 = 1_200, cpu: Double = 3.14) -> ObjectRow {
        ObjectRow(
            className: "Echo",
            name: name,
            node: "node-1",
            state: .live,
            since: "2025-11-24T16:00:00.000Z",
            sessions: 2,
            messages: messages,
            bytes: 40_000,
            cpuMilliseconds: cpu
        )
    }

    private func list(_ rows: [ObjectRow], unanswered: [String] = []) throws -> ObjectList {
        let names = unanswered.map { "\"\($0)\"" }.joined(separator: ",")
        let json = Data(#"{"objects":[],"unanswered":[\#(names)]}"#.utf8)
        var list = try ObjectList(json: Array(json))
        list.objects = rows
        return list
    }

    @Test func `a list is a table, under those who are missing`() throws {
        let table = ObjectTable(now: Self.now)
        #expect(
            table.text(of: try list([row("a"), row("\u{1B}[2J")], unanswered: ["node-2"])) == """
                ! node-2 does not answer: its objects are missing
                CLASS  NAME  NODE    STATE     FOR  SESSIONS  MESSAGES   BYTES     CPU
                Echo   a     node-1  live   1m 40s         2     1,200  40,000  3.1 ms
                Echo   ?[2J  node-1  live   1m 40s         2     1,200  40,000  3.1 ms

                """
        )
    }

    @Test func `what has grown since is told for each second`() throws {
        var table = ObjectTable(now: Self.now, width: 200)
        table.before = (try list([row("a"), row("c", messages: 9_000)]), 2)
        let rows = [row("a", messages: 1_400, cpu: 13.14), row("b"), row("c")]
        let lines = table.text(of: try list(rows)).split(separator: "\n")
        #expect(lines[0].hasSuffix("MSG/S  CPU%"))
        #expect(lines[1].hasSuffix("  100   0.5"))
        // One that was not there, and one that has begun anew.
        #expect(lines[2].hasSuffix("    -     -"))
        #expect(lines[3].hasSuffix("    -     -"))
    }

    @Test func `colours are there when they are asked for, and change no width`() throws {
        let plain = ObjectTable(now: Self.now).text(of: try list([row("a")]))
        let coloured = ObjectTable(now: Self.now, isColoured: true).text(of: try list([row("a")]))
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("\u{1B}[32mlive\u{1B}[0m"))
        #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    }
}
