// A Rookery that has no views yet leaves out what they have brought.
extension NodeReport.Figures: Codable {
    private enum CodingKeys: String, CodingKey {
        case version
        case uptimeSeconds
        case time
        case clock
        case epoch
        case ringHash
        case incarnation
        case stableEpoch
        case leaseMilliseconds
        case role
        case isVoter
        case service
        case health
        case releasesAwaited
        case partitions
        case clientAddress
        case adminAddress
        case classes
        case objects
        case sessions
        case buffers
        case links
        case counters
        case activity
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: key)
        }
        self.init(
            version: try container.decode(String.self, forKey: .version),
            uptimeSeconds: try container.decode(Double.self, forKey: .uptimeSeconds),
            epoch: try container.decode(UInt64.self, forKey: .epoch),
            ringHash: try container.decode(String.self, forKey: .ringHash)
        )
        time = try optional(.time)
        clock = try optional(.clock)
        incarnation = try optional(.incarnation)
        stableEpoch = try optional(.stableEpoch)
        leaseMilliseconds = try optional(.leaseMilliseconds)
        role = try optional(.role)
        isVoter = try optional(.isVoter) ?? false
        service = try optional(.service)
        health = try optional(.health)
        releasesAwaited = try optional(.releasesAwaited) ?? []
        partitions = try optional(.partitions) ?? .init()
        clientAddress = try optional(.clientAddress) ?? ""
        adminAddress = try optional(.adminAddress) ?? ""
        classes = try optional(.classes)
        objects = try optional(.objects) ?? .init()
        sessions = try optional(.sessions) ?? .init()
        buffers = try optional(.buffers)
        links = try optional(.links) ?? []
        counters = try optional(.counters) ?? [:]
        activity = try optional(.activity) ?? [:]
    }

    /// What is nil is written as null, but for the clocks: a frozen node has the field, too.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(uptimeSeconds, forKey: .uptimeSeconds)
        try container.encodeIfPresent(time, forKey: .time)
        try container.encodeIfPresent(clock, forKey: .clock)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(ringHash, forKey: .ringHash)
        try container.encode(incarnation, forKey: .incarnation)
        try container.encode(stableEpoch, forKey: .stableEpoch)
        try container.encode(leaseMilliseconds, forKey: .leaseMilliseconds)
        try container.encode(role, forKey: .role)
        try container.encode(isVoter, forKey: .isVoter)
        try container.encode(service, forKey: .service)
        try container.encode(health, forKey: .health)
        try container.encode(releasesAwaited, forKey: .releasesAwaited)
        try container.encode(partitions, forKey: .partitions)
        try container.encode(clientAddress, forKey: .clientAddress)
        try container.encode(adminAddress, forKey: .adminAddress)
        try container.encode(classes, forKey: .classes)
        try container.encode(objects, forKey: .objects)
        try container.encode(sessions, forKey: .sessions)
        try container.encode(buffers, forKey: .buffers)
        try container.encode(links, forKey: .links)
        try container.encode(counters, forKey: .counters)
        try container.encode(activity, forKey: .activity)
    }
}
