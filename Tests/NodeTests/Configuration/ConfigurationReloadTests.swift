import Testing

@testable import Node

@Suite struct ConfigurationReloadTests {
    private func configuration(_ text: String) throws -> NodeConfiguration {
        try NodeConfiguration.load(text: text, name: "cluster.conf").configuration
    }

    private func reload(_ former: String, _ text: String) throws -> ConfigurationReload {
        try ConfigurationReload(from: configuration(former), to: configuration(text))
    }

    @Test func `what is the same changes nothing`() throws {
        let reload = try reload("node.weight = 3", "# a comment\nnode.weight = 3")
        #expect(reload.changes.isEmpty)
        #expect(try reload.configuration == configuration("node.weight = 3"))
    }

    @Test func `a live key is taken over, and another one is only told of`() throws {
        let reload = try reload(
            "log.level = info\nlease = 2s",
            "log.level = info, link=debug\nlease = 3s"
        )
        #expect(
            reload.changes == [
                .init(key: "lease", value: "3s", isLive: false),
                .init(key: "log.level", value: "info, link=debug", isLive: true),
            ]
        )
        #expect(
            try reload.configuration == configuration("log.level = info, link=debug\nlease = 2s")
        )
    }

    @Test func `a secret is not shown`() throws {
        let key = String(repeating: "k", count: 32)
        let reload = try reload("", "client.token_key = \(key)\nadmin.token = \(key)")
        #expect(Set(reload.changes.map(\.value)) == ["(secret)"])
        #expect(reload.changes.map(\.isLive) == [true, true])
    }

    @Test func `a live key that contradicts one that stays is refused`() throws {
        let token = String(repeating: "t", count: 16)
        #expect(throws: ConfigurationConflict.adminWithoutToken) {
            try reload("admin.listen = 0.0.0.0:9001\nadmin.token = \(token)", "")
        }
    }

    @Test func `keys that came of a file are no second source of them`() throws {
        var running = try configuration("client.token_key_file = /keys")
        running.client.tokenKey = [try #require(Secret(String(repeating: "a", count: 32)))]
        running.cluster.secretFile = "/secret"
        running.cluster.secret = running.client.tokenKey
        var read = running
        read.client.tokenKey = [try #require(Secret(String(repeating: "b", count: 32)))]
        let reload = try ConfigurationReload(from: running, to: read)
        #expect(reload.changes.map(\.key) == ["client.token_key"])
        #expect(reload.configuration == read)
    }

    @Test func `every live key is a key`() {
        for name in ConfigurationReload.liveKeys { #expect(ConfigurationKey.named(name) != nil) }
    }
}
