import Primitives
import Transport

/// What a loop of a virtual machine waits with: it never waits, because the world gives it a turn
/// when there is something to do.
final class VirtualPoller: Poller {
    let loop: Int
    private let world: VirtualWorld
    private var found: [(token: UInt64, events: ReadyEvents)] = []

    init(_ world: VirtualWorld, _ loop: Int) {
        self.world = world
        self.loop = loop
    }

    func add(
        _ descriptor: Int32,
        for events: ReadyEvents,
        token: UInt64
    ) throws(SocketError) {
        try world.state.withLock { [loop] state throws(SocketError) in
            try state.watch(descriptor, for: events, token: token, on: loop)
        }
    }

    func change(
        _ descriptor: Int32,
        to events: ReadyEvents,
        token: UInt64
    ) throws(SocketError) {
        try add(descriptor, for: events, token: token)
    }

    func remove(_ descriptor: Int32) { world.state.withLock { $0.unwatch(descriptor) } }

    func wait(milliseconds: Int32) -> Int {
        found = world.state.withLock { [loop] in $0.ready(loop) }
        return found.count
    }

    func ready(at position: Int) -> (token: UInt64, events: ReadyEvents) { found[position] }

    func wake() { world.state.withLock { [loop] in $0.wake(loop) } }
}
