import Foundation
import Placement
import Primitives
import Testing

@testable import Node

@Suite struct NodeConfigurationTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    private func load(_ lines: String..., set: [String] = []) throws -> NodeConfiguration {
        let text = lines.joined(separator: "\n")
        return try NodeConfiguration.load(text: text, name: "cluster.conf", overrides: set)
            .configuration
    }

    private func message(_ lines: String..., set: [String] = []) -> String {
        do {
            let text = lines.joined(separator: "\n")
            _ = try NodeConfiguration.load(text: text, name: "cluster.conf", overrides: set)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `an empty file is the defaults`() throws {
        #expect(try load("") == NodeConfiguration())
    }

    @Test func `the command line goes before the file, and later before earlier`() throws {
        let loaded = try load("threads = 1", set: ["threads=2", "threads = 3", "node.name=n"])
        #expect(loaded.threads == 3)
        #expect(loaded.node.name == NodeID("n"))
    }

    @Test func `an unknown key is named with the nearest known one`() {
        #expect(
            message("", "# x", "limit.header_byte = 1")
                == "cluster.conf:3: unknown key limit.header_byte; did you mean limit.header_bytes?"
        )
        #expect(
            message("header_bytes = 1")
                == "cluster.conf:1: unknown key header_bytes; did you mean limit.header_bytes?"
        )
        #expect(message("colour = red") == "cluster.conf:1: unknown key colour")
        #expect(
            message(set: ["sedes=a:1"]) == "--set: unknown key sedes; did you mean seeds?"
        )
    }

    @Test func `a bad value is named with what was expected`() {
        #expect(
            message("limit.header_bytes = 3")
                == "cluster.conf:1: limit.header_bytes = 3: expected a size from 1KiB to 1MiB, "
                + "such as 512, 64KiB or 1MiB"
        )
        #expect(
            message("log.level = loud")
                == "cluster.conf:1: log.level = loud: expected one of error, warning, notice, "
                + "info, debug, and after commas others for parts, such as link=debug"
        )
        #expect(
            message("ping.interval = 25")
                == "cluster.conf:1: ping.interval = 25: expected a duration from 10ms to 60m, "
                + "such as 500ms, 2s or 1m"
        )
        #expect(
            message("hello") == "cluster.conf:1: expected `key = value` or a comment"
        )
        #expect(message(set: ["hello"]) == "--set: expected `key = value` or a comment")
        #expect(message(set: ["#"]) == "--set: expected `key = value` or a comment")
    }

    @Test func `a bad secret is not repeated`() {
        #expect(
            message("cluster.secret = hunter2")
                == "cluster.conf:1: cluster.secret: expected a list with commas of: "
                + "a secret of at least 32 bytes (`\(ProgramName.current) secret` makes one)"
        )
    }

    @Test func `a key that is set twice is named with its first line`() {
        #expect(
            message("threads = 1", "", "threads = 1")
                == "cluster.conf:3: threads is set already, at cluster.conf:1"
        )
    }

    @Test func `peers that come from elsewhere need a secret`() throws {
        #expect(
            message("threads = 1", "peer.listen = 10.0.0.1:7001")
                == "cluster.conf:2: peer.listen is not loopback: expected cluster.secret or "
                + "cluster.secret_file (`\(ProgramName.current) secret` makes one)"
        )
        let loaded = try load("peer.listen = 10.0.0.1:7001", "cluster.secret = \(Self.secret)")
        #expect(loaded.cluster.secret.map(\.bytes) == [Array(Self.secret.utf8)])
    }

    @Test func `an admin who comes from elsewhere needs a token`() throws {
        #expect(
            message("admin.listen = 10.0.0.1:9001")
                == "cluster.conf:1: admin.listen is not loopback: expected admin.token "
                + "(`\(ProgramName.current) secret` makes one)"
        )
        let loaded = try load("admin.listen = 10.0.0.1:9001", "admin.token = \(Self.secret)")
        #expect(loaded.admin.token?.matches(Array(Self.secret.utf8)) == true)
    }

    @Test func `every address is nothing that others can dial`() throws {
        let secret = "cluster.secret = \(Self.secret)"
        #expect(
            message("peer.listen = 0.0.0.0:7001", secret)
                == "cluster.conf:1: peer.listen is every address: expected peer.advertise, "
                + "the one that others dial"
        )
        #expect(
            message("peer.advertise = [::]:7001", secret)
                == "cluster.conf:1: peer.advertise is every address: expected the one that "
                + "others dial"
        )
        _ = try load("peer.listen = 0.0.0.0:7001", "peer.advertise = 10.0.0.1:7001", secret)
    }

    @Test func `two listeners do not share a port, but may both take a free one`() throws {
        #expect(
            message(set: ["client.listen=127.0.0.1:7001"])
                == "--set: client.listen is the address of peer.listen: expected another port"
        )
        _ = try load("client.listen = 127.0.0.1:0", "admin.listen = 127.0.0.1:0")
        _ = try load("client.listen = 127.0.0.2:7001")
    }

    @Test func `a witness alone is no cluster that serves`() throws {
        #expect(
            message("node.role = witness")
                == "cluster.conf:1: node.role is witness, which owns nothing: expected seeds, "
                + "with those that do"
        )
        let loaded = try load("node.role = witness", "seeds = 127.0.0.1:7002")
        #expect(loaded.node.role == .witness)
    }

    @Test func `a lease is what the protocol allows`() throws {
        #expect(try load("lease = 500ms").lease == OwnershipSettings.leaseMin)
        #expect(try load("lease = 30s").lease == OwnershipSettings.leaseMax)
        #expect(NodeConfiguration().lease == OwnershipSettings().lease)
        let words = "expected a duration from 500ms to 30s, such as 500ms, 2s or 1m"
        #expect(message("lease = 499ms") == "cluster.conf:1: lease = 499ms: \(words)")
        #expect(message("lease = 30001ms") == "cluster.conf:1: lease = 30001ms: \(words)")
    }

    /// What cannot be together, and the words for it.
    @Test(arguments: [
        ("ping.interval = 19s", "ping.interval is too low: expected at least ping.timeout"),
        ("ping.timeout = 26s", "ping.interval is too low: expected at least ping.timeout"),
        (
            "link.silence = 499ms",
            "link.silence is too low: expected at least 2 times link.heartbeat"
        ),
        (
            "link.buffer_bytes = 31MiB",
            "link.buffer_bytes is too low: expected at least limit.message_bytes"
        ),
        (
            "limit.buffer_bytes = 127MiB",
            "limit.buffer_bytes is too low: expected at least 4 times limit.message_bytes"
        ),
        (
            "limit.buffer_bytes = 64MiB\nlimit.message_bytes = 16MiB",
            "limit.buffer_bytes is too low: expected at least 4 times limit.body_bytes"
        ),
        (
            "gossip.push_pull_interval = 400ms",
            "gossip.push_pull_interval is too low: expected at least gossip.probe_interval"
        ),
        (
            "client.trusted_hops = 1\nclient.proxy_protocol = true",
            "expected client.proxy_protocol or client.trusted_hops, not both"
        ),
    ])
    func `settings that cannot be together name the line`(line: String, words: String) {
        #expect(message(line) == "cluster.conf:1: " + words)
    }

    @Test func `values at the edge of each other are taken`() throws {
        _ = try load("ping.interval = 20s", "link.silence = 500ms", "link.buffer_bytes = 32MiB")
        _ = try load("limit.buffer_bytes = 128MiB")
    }

    @Test(arguments: [
        ("alpha", "alpha"), ("alpha.example.org", "alpha"), ("al pha", "al-pha"), ("böse", "b-se"),
    ])
    func `a machine's name becomes a node's`(host: String, name: String) {
        #expect(NodeConfiguration.nodeID(ofHost: host)?.name == name)
    }

    @Test func `a machine without a name gives none`() {
        #expect(NodeConfiguration.nodeID(ofHost: "") == nil)
    }
}
