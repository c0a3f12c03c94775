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

    init(loop: EventLoop, settings: SessionSettings) {
        self.loop = loop
        self.settings = settings
        limits = SharedSessionLimits(settings.limits)
    }
}
