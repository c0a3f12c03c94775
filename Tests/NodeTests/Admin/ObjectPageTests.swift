import Primitives
import Testing

@testable import Node

@Suite struct BoundedSelectionTests {
    @Test(arguments: [1, 3, 10, 11])
    func `it has the least, each once, whatever the order`(_ capacity: Int) {
        let numbers = [5, 3, 9, 1, 3, 7, 0, 9, 2, 8, 6, 4, 1]
        for offered in [numbers, numbers.sorted(), numbers.sorted(by: >)] {
            var selection = BoundedSelection<Int>(capacity: capacity)
            for number in offered { selection.offer(number) }
            #expect(selection.elements == Array(0..<min(10, capacity)))
            #expect(selection.isWhole == (capacity >= 10))
        }
    }

    @Test func `what is there already is not one too many`() {
        var selection = BoundedSelection<Int>(capacity: 2)
        for number in [1, 2, 2, 1] { selection.offer(number) }
        #expect(selection.elements == [1, 2])
        #expect(selection.isWhole)
    }
}

@Suite struct ObjectPageTests {
    static func entry(_ name: String, _ messages: UInt64 = 0, at node: String = "a") -> ObjectEntry
    {
        ObjectEntry(
            key: ObjectKey(className: "Echo", name: name) ?? .example,
            node: node,
            state: .live,
            since: 1_764_000_000_123,
            sessions: 2,
            messages: messages,
            bytes: 3,
            handlerNanoseconds: 4
        )
    }

    static func page(_ names: [String], isWhole: Bool = true) -> ObjectPage {
        ObjectPage(entries: names.map { entry($0) }, isWhole: isWhole)
    }

    private func names(_ page: ObjectPage) -> [String] { page.entries.map(\.key.name) }

    private func query(_ limit: Int, _ sort: ObjectQuery.Sort = .name) -> ObjectQuery {
        var query = ObjectQuery()
        (query.limit, query.sort) = (limit, sort)
        return query
    }

    @Test func `pages become one in the order of names`() {
        let pages = [Self.page(["b", "d"]), Self.page([]), Self.page(["a", "c"])]
        let all = ObjectPage.merging(pages, for: query(4))
        #expect(names(all) == ["a", "b", "c", "d"])
        #expect(all.isWhole)
        let some = ObjectPage.merging(pages, for: query(3))
        #expect(names(some) == ["a", "b", "c"])
        #expect(!some.isWhole)
    }

    @Test func `nothing is told of what may have something before it`() {
        // Of the first one only what is up to b is known: c could be there.
        let pages = [Self.page(["a", "b"], isWhole: false), Self.page(["aa", "d"])]
        let page = ObjectPage.merging(pages, for: query(10))
        #expect(names(page) == ["a", "aa", "b"])
        #expect(!page.isWhole)
    }

    @Test func `one page after the other is the same as all at once`() {
        let pages = [
            Self.page(["f", "g"]), Self.page(["a", "e"], isWhole: false), Self.page(["b", "h"]),
        ]
        let once = ObjectPage.merging(pages, for: query(3))
        let each = pages.reduce(ObjectPage()) { ObjectPage.merging([$0, $1], for: query(3)) }
        #expect(once == each)
        #expect(names(once) == ["a", "b", "e"])
    }

    @Test func `those with the most are first, and equals by name`() {
        let entries = [Self.entry("c", 5), Self.entry("b", 5), Self.entry("a", 1)]
        let others = [Self.entry("d", 9, at: "b"), Self.entry("e", 5, at: "b")]
        let pages = [ObjectPage(entries: entries), ObjectPage(entries: others)]
        let page = ObjectPage.merging(pages, for: query(4, .messages))
        #expect(names(page) == ["d", "b", "c", "e"])
    }

    @Test func `a page is the same after the way`() throws {
        let page = Self.page(["a", "grüße/👋", String(repeating: "n", count: 1_024)])
        #expect(ObjectPage(page.encoded, of: "a", limit: 3) == page)
        let cut = Self.page(["a"], isWhole: false)
        #expect(ObjectPage(cut.encoded, of: "a", limit: 1) == cut)
    }

    @Test func `a page that is too long ends earlier, and says so`() throws {
        let name = String(repeating: "n", count: 1_000)
        let page = Self.page((100..<1_100).map { "\(name)\($0)" })
        let bytes = page.encoded
        #expect(bytes.count <= ObjectPage.bytesMax + 4)
        let read = try #require(ObjectPage(bytes, of: "a", limit: 1_000))
        #expect(!read.isWhole)
        #expect(read.entries == Array(page.entries.prefix(read.entries.count)))
        #expect(read.entries.count > 240)
    }

    @Test func `what is no page is none`() {
        let bytes = Self.page(["a", "b"]).encoded
        for length in 0..<bytes.count {
            #expect(ObjectPage(Array(bytes[..<length]), of: "a", limit: 2) == nil)
        }
        #expect(ObjectPage(bytes, of: "a", limit: 1) == nil)
        // Not whole, and with nothing in it, nobody could go on behind it.
        #expect(ObjectPage([1, 0, 0, 0], of: "a", limit: 2) == nil)
        #expect(ObjectPage([1, 1, 0, 0], of: "a", limit: 2)?.entries.isEmpty == true)
        #expect(ObjectPage([2, 1, 0, 0], of: "a", limit: 2) == nil)
    }
}

extension ObjectKey {
    fileprivate static let example: ObjectKey = {
        guard let key = ObjectKey(className: "Echo", name: "example") else {
            preconditionFailure("a name that is none")
        }
        return key
    }()
}

@Suite struct ObjectGatheringTests {
    private static let nodes = (1...70).map { node($0) }

    @Test func `so many are asked at once, and then the others`() throws {
        var waiting: [(NodeID, (ObjectPage?) -> Void)] = []
        var most = 0
        var outcome: (ObjectPage, [NodeID])?
        let gathering = ObjectGathering(ObjectQuery(), of: Self.nodes) { outcome = ($0, $1) }
        gathering.ask = { node, answered in
            waiting.append((node, answered))
            most = max(most, waiting.count)
        }
        gathering.begin(atOnce: 32)
        while !waiting.isEmpty {
            let (node, answered) = waiting.removeFirst()
            answered(node == Self.nodes[3] ? nil : ObjectPageTests.page(["of \(node)"]))
        }
        #expect(most == 32)
        let (page, unanswered) = try #require(outcome)
        #expect(page.entries.count == 69)
        #expect(unanswered == [Self.nodes[3]])
    }

    @Test func `who has not answered in time is named`() throws {
        var answers: [(ObjectPage?) -> Void] = []
        var outcomes: [(ObjectPage, [NodeID])] = []
        let gathering = ObjectGathering(ObjectQuery(), of: Self.nodes) { outcomes.append(($0, $1)) }
        gathering.ask = { _, answered in answers.append(answered) }
        gathering.begin(atOnce: 2)
        answers[0](ObjectPageTests.page(["a"]))
        gathering.finish()
        for answer in answers.dropFirst() { answer(ObjectPageTests.page(["b"])) }
        gathering.finish()
        #expect(outcomes.count == 1)
        #expect(outcomes[0].0.entries.map(\.key.name) == ["a"])
        #expect(outcomes[0].1 == Array(Self.nodes.dropFirst()).sorted())
    }

    @Test func `nobody to be asked is an empty list`() {
        var count = 0
        let gathering = ObjectGathering(ObjectQuery(), of: []) { _, _ in count += 1 }
        gathering.begin(atOnce: 32)
        #expect(count == 1)
    }
}
