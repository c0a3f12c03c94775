import Placement
import Primitives
import Wire

/// One key of the configuration: its name, and how its value is written and kept.
///
/// `all` is the only list of keys. The defaults are those of `NodeConfiguration`, and a test holds
/// `cluster.conf` to both.
package struct ConfigurationKey: Sendable {
    package let name: String
    /// What a good value is, to end the sentence "expected …".
    package let expected: String
    /// True when an error must not repeat the value.
    package let isSecret: Bool
    private let write: @Sendable (String, inout NodeConfiguration) -> Bool
    private let read: @Sendable (NodeConfiguration) -> String
    private let isEqual: @Sendable (NodeConfiguration, NodeConfiguration) -> Bool
    private let copy: @Sendable (NodeConfiguration, inout NodeConfiguration) -> Void

    private init<Value: Equatable>(
        _ name: String,
        _ path: any WritableKeyPath<NodeConfiguration, Value> & Sendable,
        _ kind: ConfigurationKind<Value>
    ) {
        self.name = name
        expected = kind.expected
        isSecret = kind.isSecret
        write = { text, configuration in
            guard let value = kind.parse(text) else { return false }
            configuration[keyPath: path] = value
            return true
        }
        read = { kind.format($0[keyPath: path]) }
        isEqual = { $0[keyPath: path] == $1[keyPath: path] }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    /// The key of this name, or nil when there is none.
    package static func named(_ name: String) -> ConfigurationKey? {
        all.first { $0.name == name }
    }

    /// Sets this key; false, and nothing is changed, when `text` is no value for it.
    package func set(_ text: String, in configuration: inout NodeConfiguration) -> Bool {
        write(text, &configuration)
    }

    /// The value of this key as the file would have it; secrets are not shown.
    package func text(in configuration: NodeConfiguration) -> String { read(configuration) }

    /// Whether both have the same value for this key.
    package func hasSameValue(_ first: NodeConfiguration, _ second: NodeConfiguration) -> Bool {
        isEqual(first, second)
    }

    /// Gives `target` the value that `source` has for this key.
    package func copyValue(from source: NodeConfiguration, to target: inout NodeConfiguration) {
        copy(source, &target)
    }
}

extension ConfigurationKey {
    package static let all = identity + listeners + logging + limits + timing

    private static let identity = [
        ConfigurationKey("node.name", \.node.name, .optional(.nodeID)),
        ConfigurationKey("node.weight", \.node.weight, .count(NodeWeight.values)),
        ConfigurationKey("node.role", \.node.role, .word { $0.rawValue }),
        ConfigurationKey("threads", \.threads, .count(0...64)),
        ConfigurationKey("data.directory", \.data.directory, .path),
        ConfigurationKey("cluster.name", \.cluster.name, .name),
        ConfigurationKey("seeds", \.seeds, .list(.seed)),
        ConfigurationKey("lease", \.lease, .duration(leases)),
        ConfigurationKey("cluster.secret", \.cluster.secret, .list(.secret)),
        ConfigurationKey("cluster.secret_file", \.cluster.secretFile, .path),
    ]

    private static let listeners = [
        ConfigurationKey("peer.listen", \.peer.listen, .address),
        ConfigurationKey("peer.advertise", \.peer.advertise, .optional(.address)),
        ConfigurationKey("client.listen", \.client.listen, .address),
        ConfigurationKey("client.compression", \.client.compression, .word { $0.rawValue }),
        ConfigurationKey(
            "client.compression_threshold",
            \.client.compressionThreshold,
            .size(1...1 << 20)
        ),
        ConfigurationKey("client.compression_window", \.client.compressionWindow, .count(9...15)),
        ConfigurationKey("client.compression_level", \.client.compressionLevel, .count(1...9)),
        ConfigurationKey("client.token_key", \.client.tokenKey, .list(.secret)),
        ConfigurationKey("client.token_key_file", \.client.tokenKeyFile, .path),
        ConfigurationKey("client.origins", \.client.origins, .list(.origin)),
        ConfigurationKey("client.proxy_protocol", \.client.proxyProtocol, .flag),
        ConfigurationKey("client.trusted_hops", \.client.trustedHops, .count(0...hops)),
        ConfigurationKey(
            "client.forwarded_field",
            \.client.forwardedField,
            .word { $0.rawValue }
        ),
        ConfigurationKey("admin.listen", \.admin.listen, .address),
        ConfigurationKey("admin.token", \.admin.token, .optional(.token)),
    ]

    private static let logging = [
        ConfigurationKey("log.level", \.log.level, .logLevels),
        ConfigurationKey("log.format", \.log.format, .word { $0.rawValue }),
    ]

    private static let limits = [
        ConfigurationKey("limit.header_bytes", \.limit.headerBytes, .size(1 << 10...1 << 20)),
        ConfigurationKey("limit.header_fields", \.limit.headerFields, .count(8...1_000)),
        ConfigurationKey("limit.header_time", \.limit.headerTime, .duration(brief...minutes)),
        ConfigurationKey("limit.message_bytes", \.limit.messageBytes, .size(1 << 10...32 << 20)),
        ConfigurationKey("limit.body_bytes", \.limit.bodyBytes, .size(0...32 << 20)),
        ConfigurationKey(
            "limit.messages_per_second",
            \.limit.messagesPerSecond,
            .count(0...million)
        ),
        ConfigurationKey("limit.bytes_per_second", \.limit.bytesPerSecond, .size(0...64 << 30)),
        ConfigurationKey(
            "limit.control_frames_per_second",
            \.limit.controlFramesPerSecond,
            .count(0...million)
        ),
        ConfigurationKey("limit.send_queue_bytes", \.limit.sendQueueBytes, .size(queue)),
        ConfigurationKey("limit.parked_time", \.limit.parkedTime, .duration(brief...hour)),
        ConfigurationKey("limit.parked_bytes", \.limit.parkedBytes, .size(queue)),
        ConfigurationKey("limit.parked_frames", \.limit.parkedFrames, .count(1...million)),
        ConfigurationKey("limit.inbox_frames", \.limit.inboxFrames, .count(16...million)),
        ConfigurationKey("limit.sockets_per_object", \.limit.socketsPerObject, .count(1...million)),
        ConfigurationKey("limit.idle_time", \.limit.idleTime, .duration(brief...hour)),
        ConfigurationKey("limit.making_time", \.limit.makingTime, .duration(brief...hour)),
        ConfigurationKey("limit.buffer_bytes", \.limit.bufferBytes, .size(1 << 20...64 << 30)),
        ConfigurationKey("limit.connections", \.limit.connections, .count(1...million)),
        ConfigurationKey(
            "limit.connections_per_address",
            \.limit.connectionsPerAddress,
            .count(0...million)
        ),
        ConfigurationKey("limit.compression_bytes", \.limit.compressionBytes, .size(0...1 << 20)),
        ConfigurationKey(
            "limit.compression_total_bytes",
            \.limit.compressionTotalBytes,
            .size(0...64 << 30)
        ),
        ConfigurationKey("limit.close_time", \.limit.closeTime, .duration(brief...minutes)),
        ConfigurationKey("limit.keep_alive_time", \.limit.keepAliveTime, .duration(brief...hour)),
    ]

    private static let timing = [
        ConfigurationKey("ping.interval", \.ping.interval, .duration(brief...hour)),
        ConfigurationKey("ping.timeout", \.ping.timeout, .duration(brief...hour)),
        ConfigurationKey("drain.time", \.drain.time, .duration(.zero...minutes)),
        ConfigurationKey("drain.grace", \.drain.grace, .duration(DrainPlan.graces)),
        ConfigurationKey("drain.rate", \.drain.rate, .count(DrainPlan.rates)),
        ConfigurationKey("health.loop_time", \.health.loopTime, .duration(stalls)),
        ConfigurationKey("health.probe_time", \.health.probeTime, .duration(stalls)),
        ConfigurationKey(
            "gossip.probe_interval",
            \.gossip.probeInterval,
            .duration(brief...minutes)
        ),
        ConfigurationKey(
            "gossip.push_pull_interval",
            \.gossip.pushPullInterval,
            .duration(brief...hour)
        ),
        ConfigurationKey("link.heartbeat", \.link.heartbeat, .duration(brief...minutes)),
        ConfigurationKey("link.silence", \.link.silence, .duration(brief...minutes)),
        ConfigurationKey("link.buffer_bytes", \.link.bufferBytes, .size(1 << 20...64 << 30)),
        ConfigurationKey("link.resume_time", \.link.resumeTime, .duration(.zero...minutes)),
    ]

    private static let brief = Duration.milliseconds(10)
    private static let minutes = Duration.seconds(300)
    private static let leases = OwnershipSettings.leaseMin...OwnershipSettings.leaseMax
    private static let stalls = Duration.milliseconds(200)...minutes
    private static let hour = Duration.seconds(3_600)
    private static let queue = 1 << 10...1 << 30
    private static let million = 1_048_576
    private static let hops = TrustedHops.countMax
}
