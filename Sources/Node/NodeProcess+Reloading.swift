import Primitives
import Transport

// What a node takes over of a configuration while it runs: `ConfigurationReload.liveKeys`.
extension NodeProcess {
    /// Lets the node go on with the live keys of `configuration`, on each loop from its next turn on.
    ///
    /// Sessions and connections that are there keep what they began with. The log is not the node's.
    package func adopt(_ configuration: NodeConfiguration) {
        control.execute { $0.adopt(configuration) }
    }
}

extension ControlPlane {
    fileprivate func adopt(_ configuration: NodeConfiguration) {
        let limit = configuration.limit
        clients.set(
            connectionsMax: limit.connections,
            connectionsPerAddressMax: limit.connectionsPerAddress
        )
        admin?.token = configuration.admin.token
        status?.connectionsMax = limit.connections
        for shard in shards { shard.run { $0.adopt(configuration) } }
    }
}

extension Shard {
    fileprivate func adopt(_ configuration: NodeConfiguration) {
        let (gate, limit) = (ClientGate(configuration), configuration.limit)
        settings.gate.origins = gate.origins
        settings.gate.keyring = gate.keyring
        server.connectionsMax = limit.connections
        sessionHome.settings.messagesPerSecond = limit.messagesPerSecond
        sessionHome.settings.bytesPerSecond = limit.bytesPerSecond
        sessionHome.settings.controlFramesPerSecond = limit.controlFramesPerSecond
    }
}
