import Foundation
import Primitives
import Testing

@testable import Node

@Suite struct EventLogTests {
    private func event(_ text: String = "x") -> ClusterEvent {
        ClusterEvent(
            time: "2026-11-27T15:00:00.000Z",
            node: "node-1",
            seenBy: "node-1",
            kind: "member",
            level: .notice,
            text: text,
            fields: ["state": "alive"]
        )
    }

    private func log(_ count: Int) -> EventLog {
        var log = EventLog(run: "a1")
        for number in 0..<count { _ = log.append(event("\(number)"), isOwn: number % 2 == 0) }
        return log
    }

    @Test func `so many are kept, and the earliest go`() {
        let limit = EventLog.keptMax
        let full = log(limit)
        #expect(full.latest(limit + 1).first?.text == "0")
        let over = log(limit + 1)
        #expect(over.latest(.max).count == limit)
        #expect(over.latest(.max).first?.text == "1")
        #expect(over.latest(.max).last?.id == "a1-\(limit + 1)")
        #expect(over.latest(0).isEmpty)
    }

    @Test func `who comes back gets what came since`() {
        let (events, isWhole) = log(5).events(after: EventPlace(run: "a1", number: 3))
        #expect(events.map(\.id) == ["a1-4", "a1-5"])
        #expect(isWhole)
        let none = log(5).events(after: EventPlace(run: "a1", number: 5))
        #expect(none.events.isEmpty && none.isWhole)
    }

    @Test func `who comes too late is told that some are missing`() {
        let over = log(EventLog.keptMax + 10)
        #expect(over.events(after: EventPlace(run: "a1", number: 10)).isWhole)
        let (events, isWhole) = over.events(after: EventPlace(run: "a1", number: 9))
        #expect(events.count == EventLog.keptMax)
        #expect(!isWhole)
    }

    @Test func `the id of another process, or of none yet, gets all, and is told so`() {
        for place in [EventPlace(run: "b", number: 3), EventPlace(run: "a1", number: 6)] {
            let (events, isWhole) = log(5).events(after: place)
            #expect(events.count == 5)
            #expect(!isWhole)
        }
    }

    @Test func `what is no id is none`() throws {
        let place = try #require(EventPlace("a1-18446744073709551615"))
        #expect(place == EventPlace(run: "a1", number: .max))
        for text in [
            "", "-", "a1", "a1-", "-1", "a1-x", "a1-1-2", "a1--1", "a1-18446744073709551616",
        ] {
            #expect(EventPlace(text) == nil, "\(text)")
        }
        #expect(EventPlace(String(repeating: "a", count: EventPlace.textBytesMax) + "-1") == nil)
    }

    @Test func `an event that is too large loses its fields and the end of its text`() throws {
        var log = EventLog(run: "a1")
        var large = event(String(repeating: "\u{1}", count: 2_000))
        large.fields = ["name": String(repeating: "n", count: 2_000)]
        let kept = log.append(large, isOwn: true)
        #expect(kept.streamText.count <= ClusterEvent.bytesMax)
        #expect(kept.text.hasSuffix("…"))
        #expect(kept.fields.isEmpty)
        // One that just fits stays as it is.
        var fitting = event()
        fitting.id = "a1-2"
        fitting.text = String(
            repeating: "n",
            count: ClusterEvent.bytesMax - fitting.streamText.count + 1
        )
        fitting.id = nil
        #expect(log.append(fitting, isOwn: true).text == fitting.text)
        fitting.text += "n"
        fitting.text += "n"
        #expect(log.append(fitting, isOwn: true).text != fitting.text)
    }

    @Test func `a node that is watched tells of itself, a piece at a time`() {
        let figures = NodeReport.Figures(version: "1", uptimeSeconds: 1, epoch: 1, ringHash: "0")
        let log = log(300)
        func answer(_ place: EventPlace?) -> WatchAnswer {
            WatchAnswer(to: WatchQuery(place: place), standing: figures, log: log)
        }
        let first = answer(nil)
        #expect(first.events.isEmpty)
        #expect(first.place == log.place)
        var (place, count) = (EventPlace(run: "a1", number: 0), 0)
        var sizes: [Int] = []
        while place != log.place {
            let next = answer(place)
            sizes.append(next.events.count)
            count += next.events.count
            place = next.place
        }
        #expect(sizes == [100, 50])
        #expect(count == 150)
        // After a restart all of the new process is new.
        #expect(answer(EventPlace(run: "older", number: 299)).events.count == 100)
    }

    @Test func `a stream is taken apart wherever it is cut`() throws {
        var log = EventLog(run: "a1")
        let events = ["one", "zwei\nZeilen", "\u{2028}"].map { log.append(event($0), isOwn: true) }
        var bytes = Array("retry: 1000\n\n: \n\n".utf8)
        for event in events { bytes += event.streamText }
        for size in [1, 2, 7, bytes.count] {
            var reader = EventStreamReader()
            var taken: [ClusterEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                let texts = reader.append(piece)
                for json in try #require(texts) {
                    taken.append(try ClusterEvent(json: json))
                }
            }
            #expect(taken == events)
            #expect(reader.lastID == "a1-3")
        }
    }

    @Test func `a line without an end is given up`() {
        var reader = EventStreamReader()
        let line = [UInt8](repeating: 0x61, count: EventStreamReader.lineBytesMax)
        let (full, over) = (reader.append(line), reader.append([0x61]))
        #expect(full == [])
        #expect(over == nil)
    }
}
