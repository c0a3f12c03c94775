import Foundation
import Testing

@testable import Node

@Suite struct ConfigurationKeyTests {
    /// The file that users start from, at the top of the repository.
    private func clusterConf() throws -> String {
        var folder = URL(filePath: #filePath)
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            let file = folder.appending(path: "cluster.conf")
            if let text = try? String(contentsOf: file, encoding: .utf8) { return text }
        }
        throw CocoaError(.fileNoSuchFile)
    }

    @Test func `cluster conf has every key once, with its default`() throws {
        let settings = try ConfigurationFile.settings(in: clusterConf(), name: "cluster.conf")
        let defaults = NodeConfiguration()
        #expect(settings.map(\.key).sorted() == ConfigurationKey.all.map(\.name).sorted())
        for setting in settings {
            let key = try #require(ConfigurationKey.named(setting.key))
            #expect(setting.value == key.text(in: defaults), "\(key.name)")
        }
    }

    @Test func `cluster conf works as it is, and changes nothing`() throws {
        let loaded = try NodeConfiguration.load(text: clusterConf(), name: "cluster.conf")
        #expect(loaded.configuration == NodeConfiguration())
        #expect(loaded.keyCount == ConfigurationKey.all.count)
        #expect(loaded.warnings == [])
    }

    @Test func `no key is named twice`() {
        let names = ConfigurationKey.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: ConfigurationKey.all.map(\.name))
    func `a default is a good value of its own key`(name: String) throws {
        let key = try #require(ConfigurationKey.named(name))
        var configuration = NodeConfiguration()
        #expect(key.set(key.text(in: NodeConfiguration()), in: &configuration))
        #expect(configuration == NodeConfiguration())
    }

    /// Key, the text that is written, and the same as the configuration prints it.
    @Test(arguments: [
        ("node.name", "node-1", "node-1"), ("node.weight", "10000", "10000"),
        ("node.role", "witness", "witness"), ("lease", "1s", "1s"), ("lease", "2500ms", "2500ms"),
        ("threads", "64", "64"), ("data.directory", "/var/lib/rook", "/var/lib/rook"),
        ("seeds", "10.0.0.1:1,[::1]:2 , a.b-c:3", "10.0.0.1:1, [::1]:2, a.b-c:3"),
        ("peer.listen", "[::1]:0", "[::1]:0"), ("peer.advertise", "1.2.3.4:5", "1.2.3.4:5"),
        ("log.level", "debug", "debug"),
        ("log.level", "info,object=error , link = debug", "info, link=debug, object=error"),
        ("log.format", "json", "json"),
        ("limit.header_bytes", "1024", "1KiB"), ("limit.header_bytes", "1025", "1025"),
        ("limit.header_bytes", "1MiB", "1MiB"), ("limit.body_bytes", "0", "0"),
        ("link.buffer_bytes", "64GiB", "64GiB"), ("ping.interval", "60s", "1m"),
        ("ping.interval", "90000ms", "90s"), ("drain.time", "0s", "0ms"),
        ("cluster.secret", "0123456789abcdef0123456789abcdef", "(secret)"),
        ("client.token_key", "0123456789abcdef0123456789abcdef", "(secret)"),
        ("client.origins", "https://A.b:443,null , *", "https://a.b, null, *"),
        ("client.proxy_protocol", "true", "true"), ("client.trusted_hops", "8", "8"),
        ("client.forwarded_field", "forwarded", "forwarded"),
    ])
    func `a good value is taken`(name: String, text: String, printed: String) throws {
        let key = try #require(ConfigurationKey.named(name))
        var configuration = NodeConfiguration()
        #expect(key.set(text, in: &configuration))
        #expect(key.text(in: configuration) == printed)
    }

    @Test(arguments: [
        ("node.name", "a b"), ("node.name", String(repeating: "a", count: 65)),
        ("node.weight", "0"), ("node.weight", "10001"), ("node.weight", ""),
        ("node.weight", "+1"), ("node.weight", "٣"), ("threads", "65"), ("threads", "-1"),
        ("node.role", "voter"), ("node.role", ""), ("lease", "2"), ("lease", "31s"),
        ("cluster.name", ""), ("seeds", "a:1,"), ("seeds", "a"), ("seeds", "a:0"),
        ("seeds", "300.1.1.1:7001"), ("peer.listen", ""), ("peer.listen", "localhost:7001"),
        ("peer.listen", "127.0.0.1"), ("peer.listen", "127.0.0.1:65536"),
        ("log.level", "loud"), ("log.level", ""), ("log.level", "link=debug"),
        ("log.level", "info, lnik=debug"), ("log.level", "info, link=loud"),
        ("log.level", "info, link=debug, link=info"), ("log.level", "info,"),
        ("log.format", "JSON"), ("limit.header_bytes", "1023"),
        ("limit.header_bytes", "1048577"), ("limit.header_bytes", "2MiB"),
        ("limit.header_bytes", "16 KiB"), ("limit.header_bytes", "16KB"),
        ("limit.header_bytes", "1.5KiB"), ("limit.header_bytes", "99999999999999GiB"),
        ("ping.interval", "25"), ("ping.interval", "9ms"), ("ping.interval", "3601s"),
        ("ping.interval", "1h"), ("cluster.secret", "short"), ("admin.token", "fifteen-letters"),
        ("admin.token", "sixteen with space"), ("client.token_key", "short"),
        ("client.origins", "a.b"), ("client.origins", "https://a.b/"),
        ("client.proxy_protocol", "yes"), ("client.trusted_hops", "9"),
        ("client.forwarded_field", "via"),
        ("data.directory", String(repeating: "a", count: 4_097)),
    ])
    func `a bad value is refused and changes nothing`(name: String, text: String) throws {
        let key = try #require(ConfigurationKey.named(name))
        var configuration = NodeConfiguration()
        #expect(!key.set(text, in: &configuration))
        #expect(configuration == NodeConfiguration())
    }

    @Test func `a list has at most 64 values`() throws {
        let key = try #require(ConfigurationKey.named("seeds"))
        var configuration = NodeConfiguration()
        let seeds = (1...65).map { "node:\($0)" }
        #expect(key.set(seeds.dropLast().joined(separator: ","), in: &configuration))
        #expect(configuration.seeds.count == 64)
        #expect(!key.set(seeds.joined(separator: ","), in: &configuration))
    }
}
