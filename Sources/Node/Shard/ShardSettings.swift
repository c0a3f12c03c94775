import Primitives
import Transport
import Wire

/// The limits and times of one node, as its loops need them.
struct ShardSettings {
    var gate = ClientGate()
    var http = HTTPLimits()
    var timing = HTTPTiming()
    var session = SessionSettings()
    var host = HostSettings()
    /// What may wait in memory for all clients of the node; its loops share it.
    var buffers = BufferPool(bytesMax: 1 << 30)
    /// Client connections of one loop that speak HTTP; the ledger counts those of the node.
    var connectionsMax = 16_384
    /// How long a request may look for its object's owner.
    var callTime = Duration.seconds(10)
    /// How often the loop says that it turns.
    var pulseInterval = Duration.seconds(1)
    /// How long a worker may take over one request.
    var workerTime = Duration.seconds(60)
}
