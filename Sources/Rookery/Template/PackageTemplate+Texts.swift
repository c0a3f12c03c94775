extension PackageTemplate {
    var tests: String {
        """
        import Rookery
        import RookeryTesting
        import Testing

        @testable import \(name)

        /// A network in memory and a clock that the test moves: the same seed is the same run.
        @Suite struct RoomTests {
            private func cluster(seed: UInt64) async throws -> TestCluster {
                try await TestCluster(nodes: 3, seed: seed, objects: App.objects, worker: App.worker)
            }

            @Test(arguments: [1, 2, 3] as [UInt64])
            func `people on different nodes hear each other`(seed: UInt64) async throws {
                let cluster = try await cluster(seed: seed)
                let ann = try await cluster.webSocket("/rooms/lobby", via: 0)
                let bob = try await cluster.webSocket("/rooms/lobby", via: 2)
                await ann.send("hello")
                #expect(try await ann.receive() == "2 here: hello")
                #expect(try await bob.receive() == "2 here: hello")
            }

            @Test(arguments: [1, 2, 3] as [UInt64])
            func `a room survives a partition and the death of its node`(seed: UInt64) async throws {
                let cluster = try await cluster(seed: seed)
                let owner = try #require(await cluster.owner(of: "Room", named: "lobby"))
                let others = [0, 1, 2].filter { $0 != owner }
                let ann = try await cluster.webSocket("/rooms/lobby", via: others[0])

                // Alone, the owner stops the room by itself; the other two go on with it.
                await cluster.partition([owner], others)
                await ann.send("is anybody there?")
                #expect(try await ann.receive() == "1 here: is anybody there?")
                #expect(await cluster.owner(of: "Room", named: "lobby") != owner)

                // The network is whole again, and the room's new node dies.
                await cluster.heal()
                try await cluster.converge()
                let bob = try await cluster.webSocket("/rooms/lobby", via: others[0])
                let next = try #require(await cluster.owner(of: "Room", named: "lobby"))
                if next != others[0] { await cluster.kill(next) }
                await bob.send("still here")
                #expect(try await bob.receive() == "2 here: still here")
                #expect(try await ann.receive() == "2 here: still here")
                cluster.expectAtMostOneInstance()
            }
        }

        """
    }

    var readme: String {
        """
        # \(name)

        Rooms in which everybody hears everybody, one of each name in the whole cluster.

            swift test                          # with the network cut and a node killed
            swift run \(name) cluster           # three nodes on this machine
            swift run \(name) --help            # everything else

        Connect a WebSocket client to `ws://127.0.0.1:8001/rooms/lobby` and another one to port 8002.
        `Sources/\(name)/Room.swift` is the room, `App.swift` the program and what it does with paths.

        """
    }
}
