import Node
import Rookery
import Testing

extension PlannedProcessTests {
    /// Calls between objects, from workers, and over the link.
    @Suite struct TypedCallTests {
        /// Runs `test` with the environment of each of two nodes.
        private func run(_ test: ([Environment]) async throws -> Void) async throws {
            let worker = ToldWorker()
            let registry = try ObjectRegistry([Relay.self])
            try await InnerNodes.run(2, registry: registry, worker: worker) { nodes in
                for node in nodes.all {
                    _ = try await HTTPAnswer.of(.get, "/env", at: node.addresses.client)
                }
                try await test(worker.environments.all)
            }
        }

        @Test func `a call reaches its one object from every node`() async throws {
            try await run { envs in
                var owners: Set<String> = []
                for name in (1...16).map({ "add-\($0)" }) {
                    for (index, env) in envs.enumerated() {
                        let relay = env.object(Relay.self, named: name)
                        #expect(try await relay.call(Relay.add, 2) == 2 * (index + 1))
                        owners.insert(try await relay.call(Relay.who)[1])
                    }
                }
                #expect(owners.count == 2, "all objects live on one node")
            }
        }

        @Test func `an error of the call comes as it is and any other as an error of the stub`()
            async throws
        {
            try await run { envs in
                for env in envs {
                    let relay = env.object(Relay.self, named: "fail")
                    await #expect(throws: Relay.Refusal(reason: "no")) {
                        try await relay.call(Relay.fail, "no")
                    }
                    let error = await #expect(throws: StubError.self) {
                        try await relay.call(Relay.fail, nil)
                    }
                    #expect(error?.remote == true)
                    #expect(error?.retryable == false)
                }
            }
        }

        @Test func `calls go from object to object and a cycle is an error`() async throws {
            try await run { envs in
                for env in envs {
                    let relay = env.object(Relay.self, named: "a")
                    let last = try await relay.call(Relay.pass, ["b", "c", "d"])
                    #expect(last == "d")
                    let error = await #expect(throws: StubError.self) {
                        try await relay.call(Relay.pass, ["b", "c", "a"])
                    }
                    #expect(error?.code == .cycle)
                    let names = (1...LinkCall.chainCountMax).map { "deep-\($0)" }
                    let deepest = try await relay.call(Relay.pass, names)
                    #expect(deepest == names.last)
                    let deeper = await #expect(throws: StubError.self) {
                        try await relay.call(Relay.pass, names + ["deeper"])
                    }
                    #expect(deeper?.code == .cycle)
                }
            }
        }

        @Test func `who waits too long or is cancelled cancels the call`() async throws {
            try await run { envs in
                for (index, env) in envs.enumerated() {
                    for name in (1...4).map({ "hang-\(index)-\($0)" }) {
                        try await cancel(env.object(Relay.self, named: name), besides: env)
                    }
                }
            }
        }

        private func cancel(
            _ relay: ObjectStub<Relay>,
            besides env: Environment
        ) async throws {
            let late = await #expect(throws: StubError.self) {
                try await relay.call(Relay.hang, within: .milliseconds(50))
            }
            #expect(late?.code == .timedOut)
            try await eventually("the first call is cancelled") {
                Relay.cancellations.withLock { $0[relay.name] } == 1
            }
            let waiting = Task { try await relay.call(Relay.hang) }
            let other = env.object(Relay.self, named: relay.name + "-other")
            #expect(try await other.call(Relay.add, 1) == 1)
            waiting.cancel()
            let error = await #expect(throws: StubError.self) { try await waiting.value }
            #expect(error?.code == .cancelled)
            // The next one is handled, so the one that was cancelled is over or was never begun.
            #expect(try await relay.call(Relay.add, 1) == 1)
        }

        @Test func `what nobody can answer is said at once`() async throws {
            try await run { envs in
                let env = try #require(envs.first)
                let unknown = await #expect(throws: StubError.self) {
                    try await env.object("Nothing", named: "x").fetch(.ping)
                }
                #expect(unknown?.code == .unknownClass)
                #expect(unknown?.message.contains("Relay") == true)
                let bad = await #expect(throws: StubError.self) {
                    try await env.object("Relay", named: "").fetch(.ping)
                }
                #expect(bad?.code == .badName)
                let refused = await #expect(throws: StubError.self) {
                    try await env.object(Relay.self, named: "x").call(unlisted)
                }
                #expect(refused?.code == .unknownCall)
                #expect(refused?.message.contains("add, fail, hang, pass, who") == true)
                let threw = await #expect(throws: StubError.self) {
                    try await env.object("Relay", named: "x").fetch(.throwing)
                }
                #expect(threw?.remote == true)
            }
        }

        private let unlisted = ObjectCall("unlisted") { (relay: isolated Relay) in 0 }

        @Test func `identities are names and unique ones are long`() async throws {
            try await run { envs in
                let relays = try #require(envs.first).namespace(Relay.self)
                #expect(relays.idFromName("a") == relays.idFromString("\(relays.idFromName("a"))"))
                let (one, other) = (relays.newUniqueId(), relays.newUniqueId())
                #expect(one != other)
                #expect(one.name.count == 64)
                #expect(one.name.contains { !$0.isHexDigit } == false)
                #expect(try await relays.get(one).call(Relay.who)[0] == one.name)
                #expect(try await relays.getByName("b").call(Relay.who)[0] == "b")
            }
        }
    }
}

extension Request {
    fileprivate static let ping = Request(method: .get, target: "/ping", headers: [:])
    fileprivate static let throwing = Request(
        method: .get,
        target: "/ping",
        headers: ["Throw": "yes"]
    )
}
