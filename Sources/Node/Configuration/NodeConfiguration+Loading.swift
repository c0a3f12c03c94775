import Foundation
package import Primitives
import Wire

/// A configuration that was read and checked, and what its operator should know about it.
package struct LoadedConfiguration: Equatable, Sendable {
    package var configuration = NodeConfiguration()
    /// Whole sentences, each one line.
    package var warnings: [String] = []
    /// How many keys the file and the command line set.
    package var keyCount = 0
}

extension NodeConfiguration {
    /// Reads the file at `path`, if any, then the `overrides`, each `key=value`, and the secrets.
    package static func load(
        path: String?,
        overrides: [String] = []
    ) throws(ConfigurationError) -> LoadedConfiguration {
        var settings: [ConfigurationSetting] = []
        if let path {
            guard let text = SecretFile.read(path, byteCountMax: ConfigurationFile.byteCountMax)
            else { throw ConfigurationError(location: .file(path), reason: .unreadable) }
            settings = try ConfigurationFile.settings(in: text, name: path)
        }
        var loaded = try load(settings, overrides: overrides)
        if let path, loaded.configuration.hasSecrets, SecretFile.mode(of: path) & 0o004 != 0 {
            throw ConfigurationError(location: .file(path), reason: .readableByAll)
        }
        let configuration = loaded.configuration
        loaded.configuration.cluster.secret += try secrets(
            in: configuration.cluster.secretFile,
            of: "cluster.secret_file",
            settings
        )
        loaded.configuration.client.tokenKey += try secrets(
            in: configuration.client.tokenKeyFile,
            of: "client.token_key_file",
            settings,
            countMax: AccessKeyring.keyCountMax
        )
        return loaded
    }

    /// The same from a file's `text`; files of secrets are not read.
    package static func load(
        text: String,
        name: String,
        overrides: [String] = []
    ) throws(ConfigurationError) -> LoadedConfiguration {
        try load(ConfigurationFile.settings(in: text, name: name), overrides: overrides)
    }

    private static func load(
        _ settings: [ConfigurationSetting],
        overrides: [String]
    ) throws(ConfigurationError) -> LoadedConfiguration {
        var loaded = LoadedConfiguration()
        var locations: [String: ConfigurationLocation] = [:]
        for setting in settings {
            if let first = locations[setting.key] {
                let reason = ConfigurationError.Reason.duplicateKey(setting.key, first: first)
                throw ConfigurationError(location: setting.location, reason: reason)
            }
            try loaded.configuration.apply(setting)
            locations[setting.key] = setting.location
        }
        for text in overrides {
            guard let setting = try ConfigurationFile.setting(in: text, at: .option)
            else { throw ConfigurationError(location: .option, reason: .noSetting) }
            try loaded.configuration.apply(setting)
            locations[setting.key] = setting.location
        }
        if let conflict = loaded.configuration.conflict {
            let location = conflict.keys.lazy.compactMap { locations[$0] }.first
            throw ConfigurationError(location: location ?? .option, reason: .conflict(conflict))
        }
        loaded.keyCount = locations.count
        return loaded
    }

    private mutating func apply(_ setting: ConfigurationSetting) throws(ConfigurationError) {
        guard let key = ConfigurationKey.named(setting.key) else {
            let names = ConfigurationKey.all.map(\.name)
            let nearest = NearestName.nearest(to: setting.key, in: names)
            throw ConfigurationError(
                location: setting.location,
                reason: .unknownKey(setting.key, nearest: nearest)
            )
        }
        guard key.set(setting.value, in: &self) else {
            let value = key.isSecret ? nil : setting.value
            throw ConfigurationError(
                location: setting.location,
                reason: .badValue(key: key.name, value: value, expected: key.expected)
            )
        }
    }

    private var hasSecrets: Bool {
        !cluster.secret.isEmpty || admin.token != nil || !client.tokenKey.isEmpty
    }

    /// The name of this node: the one that is set, or what is usable of the machine's.
    package var nodeID: NodeID? {
        node.name ?? Self.nodeID(ofHost: ProcessInfo.processInfo.hostName)
    }

    /// The first label of a host name, with a hyphen for whatever a node cannot be called.
    package static func nodeID(ofHost host: String) -> NodeID? {
        let label = host.prefix { $0 != "." }
        let cleaned = label.map { NodeID(String($0)) == nil ? "-" : $0 }
        return NodeID(String(cleaned.prefix(NodeID.byteCountMax)))
    }
}

extension NodeConfiguration {
    /// The secrets in the file that `key` names, if it names one.
    private static func secrets(
        in path: String,
        of key: String,
        _ settings: [ConfigurationSetting],
        countMax: Int = ConfigurationFile.listCountMax
    ) throws(ConfigurationError) -> [Secret] {
        guard !path.isEmpty else { return [] }
        do throws(SecretFileProblem) {
            return try SecretFile.secrets(at: path, countMax: countMax)
        } catch {
            let setting = settings.first { $0.key == key && $0.value == path }
            throw ConfigurationError(
                location: setting?.location ?? .option,
                reason: .badSecretFile(path, key: key, problem: error)
            )
        }
    }
}
