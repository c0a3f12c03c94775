import Primitives
import Testing

@testable import Node

@Suite struct PeerQuestionTests {
    /// Of a name that could be a path, and of the longest one.
    private static let names = ["a", "grüße/👋", String(repeating: "n", count: 1_024)]

    private static func locate(_ name: String) throws -> PeerQuestion {
        .locate(try #require(ObjectKey(className: "Echo", name: name)))
    }

    @Test(arguments: names)
    func `a question is the same after the way`(_ name: String) throws {
        let question = try Self.locate(name)
        #expect(PeerQuestion(question.encoded) == question)
        #expect(PeerQuestion(PeerQuestion.figures.encoded) == .figures)
        let key = try #require(ObjectKey(className: "Echo", name: name))
        var query = ObjectQuery()
        (query.prefix, query.sort, query.limit) = (name, .cpu, 1_000)
        let others: [PeerQuestion] = [
            .object(key), .remove(key, .move), .remove(key, .evict), .objects(query),
        ]
        for question in others { #expect(PeerQuestion(question.encoded) == question) }
    }

    @Test func `a list of more than there may be is not asked for`() {
        var query = ObjectQuery()
        for limit in [0, 1_001, .max] {
            query.limit = limit
            #expect(PeerQuestion(PeerQuestion.objects(query).encoded) == nil)
        }
    }

    @Test func `a question that is cut off is none`() throws {
        let bytes = try Self.locate("a name").encoded
        for length in 1..<bytes.count { #expect(PeerQuestion(Array(bytes[..<length])) == nil) }
    }

    @Test func `a question about the service is the same after the way`() {
        var request = ServiceRequest(.drain)
        for _ in 0..<2 {
            let question = PeerQuestion.service(request)
            #expect(PeerQuestion(question.encoded) == question)
            (request.rate, request.timeMilliseconds) = (500, 60_000)
        }
        #expect(PeerQuestion(PeerQuestion.health.encoded) == .health)
        #expect(PeerQuestion([16] + Array(#"{"action":"explode"}"#.utf8)) == nil)
    }

    @Test func `a question of a later version is none`() {
        for kind in UInt8.min...UInt8.max where ![1, 32, 34, 35].contains(kind) {
            #expect(PeerQuestion([kind]) == (kind == 17 ? .health : nil))
            #expect(PeerQuestion([kind, 1, 65, 0, 1, 65]) == nil)
        }
    }

    @Test(arguments: [
        // No class, no name, a name that is too long, and what is not UTF-8.
        [1, 0, 0, 1, 65], [1, 1, 65, 0, 0],
        [1, 1, 65, 4, 1] + [UInt8](repeating: 65, count: 1_025), [1, 1, 65, 0, 1, 0xFF],
    ])
    func `names that no object can have are refused`(_ bytes: [UInt8]) {
        #expect(PeerQuestion(bytes) == nil)
    }
}
