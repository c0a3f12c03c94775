/// What becomes of a configuration that is read again while its node runs.
package struct ConfigurationReload: Equatable, Sendable {
    /// A key that has another value now.
    package struct Change: Equatable, Sendable {
        package let key: String
        /// The new value as the file would have it; secrets are not shown.
        package let value: String
        /// False for what only another start of the node brings.
        package let isLive: Bool
    }

    /// What a running node takes over: whatever it looks at anew for each request, each connection or
    /// each line.
    package static let liveKeys: Set<String> = [
        "admin.token", "client.origins", "client.token_key", "client.token_key_file",
        "limit.bytes_per_second", "limit.connections", "limit.connections_per_address",
        "limit.control_frames_per_second", "limit.messages_per_second", "log.format", "log.level",
    ]

    /// In the order of `ConfigurationKey.all`.
    package let changes: [Change]
    /// What the node runs with from now on.
    package let configuration: NodeConfiguration

    /// From what a node runs with to what was read.
    ///
    /// Throws when what is live of the new one cannot be together with what stays of the former.
    package init(
        from running: NodeConfiguration,
        to read: NodeConfiguration
    ) throws(ConfigurationConflict) {
        var next = running
        var changes: [Change] = []
        for key in ConfigurationKey.all where !key.hasSameValue(running, read) {
            let isLive = Self.liveKeys.contains(key.name)
            if isLive { key.copyValue(from: read, to: &next) }
            changes.append(Change(key: key.name, value: key.text(in: read), isLive: isLive))
        }
        // What comes of a file stands beside the name of the file, which is no conflict here.
        var checked = next
        if !checked.client.tokenKeyFile.isEmpty { checked.client.tokenKey = [] }
        if !checked.cluster.secretFile.isEmpty { checked.cluster.secret = [] }
        if let conflict = checked.conflict { throw conflict }
        self.changes = changes
        configuration = next
    }
}
