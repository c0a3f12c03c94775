/// For whom the payload of a datagram is: its first byte.
package enum GossipChannel: UInt8, Sendable {
    /// The membership: SWIM.
    case membership = 1
    /// The ownership: leases, views, releases.
    case ownership = 2
    /// Whether a name is free, asked by nobody.
    case inquiry = 3

    /// The payload that carries `message`.
    package func payload(_ message: [UInt8]) -> [UInt8] { [rawValue] + message }

    /// The channel and the message of a payload; nil for a channel that this version does not know.
    package static func split(_ payload: [UInt8]) -> (GossipChannel, ArraySlice<UInt8>)? {
        guard let first = payload.first, let channel = GossipChannel(rawValue: first) else {
            return nil
        }
        return (channel, payload.dropFirst())
    }
}
