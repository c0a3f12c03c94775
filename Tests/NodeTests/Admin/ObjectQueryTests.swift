import Foundation
import Primitives
import Testing
import Wire

@testable import Node

@Suite struct ObjectQueryTests {
    private func query(_ text: String) throws -> ObjectQuery {
        try ObjectQuery(try #require(RequestTarget("/cluster/objects\(text)")))
    }

    @Test func `without a query there are a hundred by name`() throws {
        let query = try query("")
        #expect(query == ObjectQuery())
        #expect(query.limit == 100)
        #expect(query.sort == .name)
    }

    @Test func `what a command asks for is what the node reads`() throws {
        var query = ObjectQuery()
        query.className = "Größe"
        query.prefix = "a/b &=%"
        query.limit = 7
        query.after = ObjectCursor(behind: try #require(ObjectKey(className: "A", name: "ü/?")))
        #expect(try ObjectQuery(try #require(RequestTarget(query.target))) == query)
        query.after = nil
        query.sort = .messages
        #expect(try ObjectQuery(try #require(RequestTarget(query.target))) == query)
    }

    @Test(arguments: [
        "?limit=0", "?limit=1001", "?limit=x", "?limit=", "?sort=size", "?cursor=", "?cursor=AAAA",
        "?sort=cpu&cursor=AQFBAAFi", "?prefix=%ff", "?class=%",
    ])
    func `what cannot be is refused`(_ text: String) throws {
        #expect(throws: AdminRefusal.self) { try query(text) }
    }

    @Test func `the limits of a limit are allowed`() throws {
        #expect(try query("?limit=1").limit == 1)
        #expect(try query("?limit=1000").limit == 1_000)
    }

    @Test(arguments: ["a", "grüße/👋", String(repeating: "n", count: 1_024)])
    func `a cursor is the same after the way`(_ name: String) throws {
        let key = try #require(ObjectKey(className: "Echo", name: name))
        let cursor = ObjectCursor(behind: key)
        #expect(ObjectCursor(cursor.text) == cursor)
        #expect(ObjectCursor(cursor.text)?.key == key)
        #expect(cursor.text.allSatisfy { $0.isLetter || $0.isNumber || "-_".contains($0) })
        #expect(ObjectCursor(String(cursor.text.dropLast())) == nil)
        #expect(ObjectCursor(cursor.text + "AAAA") == nil)
    }

    @Test func `a text that is too long is no cursor`() {
        #expect(ObjectCursor(String(repeating: "A", count: 100_000)) == nil)
    }
}

@Suite struct OpenAPITests {
    private struct Document: Decodable {
        struct Operation: Decodable {}
        let openapi: String
        let paths: [String: [String: Operation]]
    }

    private func document() throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(OpenAPIDocument.bytes))
    }

    @Test func `every path of the admin side is described, and no other`() throws {
        let paths = try document().paths.keys
        #expect(paths.sorted() == AdminResource.allCases.map(\.rawValue).sorted())
    }

    @Test(arguments: AdminResource.allCases)
    func `a path has the methods that are described`(_ resource: AdminResource) throws {
        let path = resource.rawValue
            .replacing("{class}", with: "Echo").replacing("{name}", with: "a%2Fb")
            .replacing("{node}", with: "node-1")
        let route = try AdminRoute(try #require(RequestTarget(path)))
        #expect(route.resource == resource)
        let described = try #require(try document().paths[resource.rawValue]).keys
        // HEAD goes with every GET.
        let methods = route.methods.filter { $0 != .head }.map { $0.token.lowercased() }
        #expect(described.sorted() == methods.sorted())
    }

    @Test func `every reference leads somewhere`() throws {
        let root = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.bytes))
        let text = String(decoding: OpenAPIDocument.bytes, as: UTF8.self)
        let references = text.matches(of: /"\$ref": "#\/([^"]+)"/).map { $0.1 }
        #expect(references.count > 50)
        for reference in references {
            let place = reference.split(separator: "/").reduce(root as Any?) { value, word in
                (value as? [String: Any])?[String(word)]
            }
            #expect(place != nil, "\(reference)")
        }
    }
}
