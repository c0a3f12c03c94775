import Transport
import Wire

/// What all sessions of one shard have in common, and each of them needs for every message.
///
/// Lives on the shard's loop.
final class SessionHome {
    /// The buffer for events keeps room for so many.
    private static let keptEventsMax = 64

    let loop: EventLoop
    var settings: SessionSettings {
        didSet { limits = SharedSessionLimits(settings.limits) }
    }
    /// Those of the settings, for the sessions that come.
    private(set) var limits: SharedSessionLimits
    /// What all sessions of the shard have carried.
    var traffic = ClientTraffic()
    /// Empty, with room for what one read brings.
    private var events: [WebSocketMachine.Event] = []

    init(loop: EventLoop, settings: SessionSettings) {
        self.loop = loop
        self.settings = settings
        limits = SharedSessionLimits(settings.limits)
    }

    /// Lends `body` an empty buffer, without a new one for each read.
    func withEvents(_ body: (inout [WebSocketMachine.Event]) -> Void) {
        // A session that is called from within gets a buffer of its own.
        var lent: [WebSocketMachine.Event] = []
        swap(&lent, &events)
        body(&lent)
        guard lent.capacity <= Self.keptEventsMax else { return }
        lent.removeAll(keepingCapacity: true)
        swap(&lent, &events)
    }
}
