import Foundation
package import Primitives

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
            guard let text = TextFile.read(path, byteCountMax: ConfigurationFile.byteCountMax)
            else { throw ConfigurationError(location: .file(path), reason: .unreadable) }
            settings = try ConfigurationFile.settings(in: text, name: path)
        }
        var loaded = try load(settings, overrides: overrides)
        if let path, loaded.configuration.hasSecrets, TextFile.isReadableByAll(path) {
            loaded.warnings.append("\(path) holds a secret and can be read by every user")
        }
        try loaded.readSecretFile(named: settings)
        return loaded
    }

    /// The same from a file's `text`; `cluster.secret_file` is not read.
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

    private var hasSecrets: Bool { !cluster.secret.isEmpty || admin.token != nil }

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

extension LoadedConfiguration {
    /// Replaces `cluster.secret` by what is in `cluster.secret_file`, one secret a line.
    fileprivate mutating func readSecretFile(
        named settings: [ConfigurationSetting]
    ) throws(ConfigurationError) {
        let path = configuration.cluster.secretFile
        guard !path.isEmpty else { return }
        let setting = settings.first { $0.key == "cluster.secret_file" && $0.value == path }
        func refuse(_ problem: SecretFileProblem) -> ConfigurationError {
            ConfigurationError(
                location: setting?.location ?? .option,
                reason: .badSecretFile(path, problem: problem)
            )
        }
        guard let text = TextFile.read(path, byteCountMax: ConfigurationFile.byteCountMax)
        else { throw refuse(.unreadable) }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.prefix(ConfigurationFile.listCountMax).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let secret = Secret(line) else { throw refuse(.tooShort(line: index + 1)) }
            configuration.cluster.secret.append(secret)
        }
        guard !configuration.cluster.secret.isEmpty else { throw refuse(.empty) }
        if TextFile.isReadableByAll(path) {
            warnings.append("\(path) holds a secret and can be read by every user")
        }
    }
}

/// The files that a configuration consists of.
private enum TextFile {
    /// The text of a file; nil when it cannot be read, is too large or is not UTF-8.
    static func read(_ path: String, byteCountMax: Int) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        do {
            let data = try file.read(upToCount: byteCountMax + 1) ?? Data()
            return data.count <= byteCountMax ? String(data: data, encoding: .utf8) : nil
        } catch {
            return nil
        }
    }

    static func isReadableByAll(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = attributes?[.posixPermissions] as? Int else { return false }
        return mode & 0o004 != 0
    }
}
