import Deflate
import Primitives
import Wire

/// Two settings that are good by themselves and cannot be together.
package enum ConfigurationConflict: Error, Equatable, Sendable {
    case peersWithoutSecret
    case adminWithoutToken
    case twoSourcesOfSecrets
    case twoSourcesOfTokenKeys
    case tooManyTokenKeys(limit: Int)
    case twoWordsOnClients
    case advertiseMissing
    case advertiseUnspecified
    case witnessAlone
    /// This program was built without compression.
    case compressionMissing
    case sameAddress(String, other: String)
    /// The value of the first key must be at least `factor` times that of the other one.
    case tooLow(String, other: String, factor: Int)

    /// The keys involved, the one to blame first.
    package var keys: [String] {
        switch self {
        case .peersWithoutSecret: ["peer.listen"]
        case .adminWithoutToken: ["admin.listen"]
        case .twoSourcesOfSecrets: ["cluster.secret_file", "cluster.secret"]
        case .twoSourcesOfTokenKeys: ["client.token_key_file", "client.token_key"]
        case .tooManyTokenKeys: ["client.token_key"]
        case .twoWordsOnClients: ["client.trusted_hops", "client.proxy_protocol"]
        case .advertiseMissing: ["peer.listen"]
        case .advertiseUnspecified: ["peer.advertise"]
        case .witnessAlone: ["node.role"]
        case .compressionMissing: ["client.compression"]
        case .sameAddress(let key, let other), .tooLow(let key, let other, _): [key, other]
        }
    }
}

extension ConfigurationConflict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .peersWithoutSecret:
            "peer.listen is not loopback: expected cluster.secret or cluster.secret_file"
                + " (`\(ProgramName.current) secret` makes one)"
        case .adminWithoutToken:
            "admin.listen is not loopback: expected admin.token"
                + " (`\(ProgramName.current) secret` makes one)"
        case .twoSourcesOfSecrets:
            "expected cluster.secret or cluster.secret_file, not both"
        case .twoSourcesOfTokenKeys:
            "expected client.token_key or client.token_key_file, not both"
        case .tooManyTokenKeys(let limit):
            "client.token_key has too many keys: expected at most \(limit)"
        case .twoWordsOnClients:
            "expected client.proxy_protocol or client.trusted_hops, not both"
        case .advertiseMissing:
            "peer.listen is every address: expected peer.advertise, the one that others dial"
        case .advertiseUnspecified:
            "peer.advertise is every address: expected the one that others dial"
        case .witnessAlone:
            "node.role is witness, which owns nothing: expected seeds, with those that do"
        case .compressionMissing:
            "client.compression is on, but this program was built without compression: expected"
                + " off, or a build with `--traits Compression`"
        case .sameAddress(let key, let other):
            "\(key) is the address of \(other): expected another port"
        case .tooLow(let key, let other, let factor):
            "\(key) is too low: expected at least \(factor == 1 ? "" : "\(factor) times ")\(other)"
        }
    }
}

extension NodeConfiguration {
    /// The first settings that cannot be together; nil when all is well.
    package var conflict: ConfigurationConflict? {
        secretConflict ?? clientConflict ?? roleConflict ?? addressConflict ?? orderConflict
            ?? buildConflict
    }

    private var buildConflict: ConfigurationConflict? {
        client.compression == .on && !DeflateSupport.isBuiltIn ? .compressionMissing : nil
    }

    private var secretConflict: ConfigurationConflict? {
        let hasSecret = !cluster.secret.isEmpty || !cluster.secretFile.isEmpty
        if !cluster.secret.isEmpty, !cluster.secretFile.isEmpty { return .twoSourcesOfSecrets }
        if !peer.listen.isLoopback, !hasSecret { return .peersWithoutSecret }
        if !admin.listen.isLoopback, admin.token == nil { return .adminWithoutToken }
        return nil
    }

    private var clientConflict: ConfigurationConflict? {
        if !client.tokenKey.isEmpty, !client.tokenKeyFile.isEmpty { return .twoSourcesOfTokenKeys }
        if client.tokenKey.count > AccessKeyring.keyCountMax {
            return .tooManyTokenKeys(limit: AccessKeyring.keyCountMax)
        }
        return client.proxyProtocol && client.trustedHops > 0 ? .twoWordsOnClients : nil
    }

    private var roleConflict: ConfigurationConflict? {
        node.role == .witness && seeds.isEmpty ? .witnessAlone : nil
    }

    private var addressConflict: ConfigurationConflict? {
        if peer.listen.isUnspecified, peer.advertise == nil { return .advertiseMissing }
        if peer.advertise?.isUnspecified == true { return .advertiseUnspecified }
        let listeners = [
            ("peer.listen", peer.listen), ("client.listen", client.listen),
            ("admin.listen", admin.listen),
        ]
        for (index, (key, address)) in listeners.enumerated() where address.port != 0 {
            for (other, otherAddress) in listeners[..<index] where address.clashes(otherAddress) {
                return .sameAddress(key, other: other)
            }
        }
        return nil
    }

    private var orderConflict: ConfigurationConflict? {
        if ping.interval < ping.timeout {
            return .tooLow("ping.interval", other: "ping.timeout", factor: 1)
        }
        if drain.time < drain.grace * 2 {
            return .tooLow("drain.time", other: "drain.grace", factor: 2)
        }
        if link.silence < link.heartbeat * 2 {
            return .tooLow("link.silence", other: "link.heartbeat", factor: 2)
        }
        if gossip.pushPullInterval < gossip.probeInterval {
            return .tooLow("gossip.push_pull_interval", other: "gossip.probe_interval", factor: 1)
        }
        if link.bufferBytes < limit.messageBytes {
            return .tooLow("link.buffer_bytes", other: "limit.message_bytes", factor: 1)
        }
        for (key, bytes) in [
            ("limit.message_bytes", limit.messageBytes), ("limit.body_bytes", limit.bodyBytes),
        ] where limit.bufferBytes < bytes * 4 {
            return .tooLow("limit.buffer_bytes", other: key, factor: 4)
        }
        return nil
    }
}

extension SocketAddress {
    /// Whether both cannot be listened on by one process.
    fileprivate func clashes(_ other: SocketAddress) -> Bool {
        port == other.port && (ip == other.ip || isUnspecified || other.isUnspecified)
    }
}
