import Placement
import Primitives
import Transport
import Wire

/// What all sessions of one shard have in common, and each of them needs for every message.
///
/// Lives on the shard's loop.
final class SessionHome {
    /// What a message may have whose memory serves another.
    static let messageBytesMax = 64 << 10
    /// Nodes whose latest run is remembered; all are forgotten when there are more.
    static let ownersMax = 1_024

    let loop: EventLoop
    var settings: SessionSettings {
        didSet { limits = SharedSessionLimits(settings.limits) }
    }
    /// Those of the settings, for the sessions that come.
    private(set) var limits: SharedSessionLimits
    /// What all sessions of the shard have carried.
    var traffic = ClientTraffic()
    /// The message that was read last: the next one has its memory, unless somebody has kept it.
    private var message = WebSocketMessage(kind: .binary, payload: [])
    /// The latest run of each node that was asked.
    private(set) var owners: [NodeID: Owner] = [:]

    /// A run of a node, in memory once for all sessions that it was asked for.
    final class Owner {
        let run: NodeRun

        fileprivate init(_ run: NodeRun) { self.run = run }
    }

    init(loop: EventLoop, settings: SessionSettings) {
        self.loop = loop
        self.settings = settings
        limits = SharedSessionLimits(settings.limits)
    }

    /// A message to read the next one into.
    func takeMessage() -> WebSocketMessage {
        var taken = WebSocketMessage(kind: .binary, payload: [])
        swap(&taken, &message)
        return taken
    }

    /// The message is done with; of a large one the memory is not kept.
    func giveBack(_ message: consuming WebSocketMessage) {
        if message.payload.count <= Self.messageBytesMax { self.message = message }
    }

    /// The run that was asked, as other sessions have it if they have.
    func owner(_ run: NodeRun) -> Owner {
        if let owner = owners[run.id], owner.run == run { return owner }
        let owner = Owner(run)
        if owners.count >= Self.ownersMax { owners = [:] }
        owners[run.id] = owner
        return owner
    }
}
