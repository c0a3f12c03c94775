import Transport
import Wire

extension ShardSettings {
    /// The settings of each shard of a node.
    init(_ configuration: NodeConfiguration) {
        let limit = configuration.limit
        gate = ClientGate(configuration)
        http.headBytesMax = limit.headerBytes
        http.fieldCountMax = limit.headerFields
        http.bodyBytesMax = limit.bodyBytes
        timing.requestTime = limit.headerTime
        timing.keepAliveTime = limit.keepAliveTime
        session.webSocket.messageBytesMax = limit.messageBytes
        session.messagesPerSecond = limit.messagesPerSecond
        session.bytesPerSecond = limit.bytesPerSecond
        session.controlFramesPerSecond = limit.controlFramesPerSecond
        session.sendQueueBytesMax = limit.sendQueueBytes
        session.compression = CompressionSettings(configuration)
        session.limits.parkedTime = limit.parkedTime
        session.limits.parkedBytesMax = limit.parkedBytes
        session.limits.parkedMessagesMax = limit.parkedFrames
        session.pingInterval = configuration.ping.interval
        session.pingTimeout = configuration.ping.timeout
        session.closeTime = limit.closeTime
        session.upgradeTime = limit.headerTime
        host.inboxEventsMax = limit.inboxFrames
        host.socketsPerObjectMax = limit.socketsPerObject
        host.idleTime = limit.idleTime
        host.makingTime = limit.makingTime
        host.drainTime = configuration.drain.time
        host.requestTime = limit.headerTime
        host.parkedTime = limit.parkedTime
        connectionsMax = limit.connections
        buffers = BufferPool(bytesMax: limit.bufferBytes)
        callTime = limit.headerTime
        pulseInterval = min(.seconds(1), configuration.health.loopTime / 4)
    }
}

extension CompressionSettings {
    /// The settings of a node, with its budget; nil when it compresses nothing.
    init?(_ configuration: NodeConfiguration) {
        let client = configuration.client
        guard client.compression == .on else { return nil }
        budget = CompressionBudget(bytes: configuration.limit.compressionTotalBytes)
        messageBytesMin = client.compressionThreshold
        windowBitsMax = client.compressionWindow
        level = client.compressionLevel
        connectionBytesMax = configuration.limit.compressionBytes
    }
}

extension PeerLinkSettings {
    init(_ configuration: NodeConfiguration, shardCount: Int) {
        link.heartbeatInterval = configuration.link.heartbeat
        link.silenceTimeout = configuration.link.silence
        laneCount = UInt8(min(shardCount, 4))
        link.largeMessagePoolBytes = configuration.link.bufferBytes / Int(laneCount)
        resumeTime = configuration.link.resumeTime
    }
}
