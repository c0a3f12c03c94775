import Placement
import Primitives
import Transport
import Wire

/// What all sessions of one shard have in common, and each of them needs for every message.
///
/// Lives on the shard's loop.
final class SessionHome {
    let loop: EventLoop
    var settings: SessionSettings {
        didSet { limits = SharedSessionLimits(settings.limits) }
    }
    /// Those of the settings, for the sessions that come.
    private(set) var limits: SharedSessionLimits
    /// What all sessions of the shard have carried.
    var traffic = ClientTraffic()
    /// The latest run of each node that was asked.
    private var owners: [NodeID: Owner] = [:]

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

    func owner(_ run: NodeRun) -> Owner {
        if let owner = owners[run.id], owner.run == run { return owner }
        let owner = Owner(run)
        owners[run.id] = owner
        return owner
    }
}
