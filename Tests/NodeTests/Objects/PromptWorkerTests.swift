import Primitives
import Testing
import Wire

@testable import Node

actor PromptRoom: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }
}

@Suite struct PromptWorkerTests {
    private func destination(
        of target: String,
        upgrade: String = "websocket",
        access: ClientAccess = .open
    ) throws -> ObjectKey? {
        let registry = try ObjectRegistry([PromptRoom.self])
        var env = Environment(home: nil, registry: registry, caller: nil)
        env.access = access
        let request = Request(method: .get, target: target, headers: ["Upgrade": upgrade])
        return ObjectPaths().promptAnswer(to: request, env: env)?.destination?.key
    }

    @Test func `a client of an object is handed over at once`() throws {
        #expect(
            try destination(of: "/objects/PromptRoom/a%20b/c?d")
                == ObjectKey(className: "PromptRoom", name: "a b")
        )
    }

    @Test(arguments: [
        "/", "/objects", "/objects/PromptRoom", "/objects/PromptRoom/", "/objects/Other/a", "*",
    ])
    func `about all other paths the worker is asked`(target: String) throws {
        #expect(try destination(of: target) == nil)
    }

    @Test func `nor is a request handed over that is none for a WebSocket, or not let in`() throws {
        #expect(try destination(of: "/objects/PromptRoom/a", upgrade: "h2c") == nil)
        #expect(try destination(of: "/objects/PromptRoom/a", access: .nothing) == nil)
    }
}
