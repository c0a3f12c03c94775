import CLinux

/// What a descriptor is ready for, or what to be told of.
package struct ReadyEvents: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = ReadyEvents(rawValue: EPOLLIN.rawValue)
    package static let writable = ReadyEvents(rawValue: EPOLLOUT.rawValue)
    /// The peer has ended its sending side.
    package static let peerEnded = ReadyEvents(rawValue: EPOLLRDHUP.rawValue)
    /// An error or a hang-up; reported whether asked for or not.
    package static let failed = ReadyEvents(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Who is told when a descriptor is ready.
///
/// Called on the loop's thread only.
package protocol EventHandler: AnyObject {
    func ready(_ events: ReadyEvents)
    /// The loop has ended: whoever is held by what it holds lets go of that.
    func loopEnded()
}

extension EventHandler {
    package func loopEnded() {}
}

/// Who has gathered output in this turn of the loop and writes it at the turn's end.
package protocol TurnEndFlushing: AnyObject {
    func flush()
}

/// Names a descriptor's place in one event loop.
///
/// The generation tells a place's users apart: an event that was on its way to a descriptor closed
/// in the same turn finds another generation and goes nowhere.
package struct Registration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32

    var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
