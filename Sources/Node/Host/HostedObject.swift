import Placement
import Primitives
import Transport
import Wire

/// One object of this node, whether its instance is in memory or not: its name and its sockets.
///
/// An object that sleeps is this and its sockets, and nothing else: no task, no timer, no mailbox.
/// Whatever happens to it or to one of its sockets wakes it, which makes a new `LiveObject`. Lives
/// on the loop that the object's name is assigned to.
final class HostedObject: RosterMember {
    let key: ObjectKey
    let partition: PartitionID
    /// Nil once the object is gone from this node.
    private(set) var host: ObjectHost?
    /// Nil while it sleeps.
    private(set) var live: LiveObject?
    var sockets = SocketTable()
    var usage = ObjectUsage()
    private var lastSequence: UInt64 = 0
    /// Counts the instances on this node.
    private var lifeCount: UInt32 = 0
    private var place = RosterPlace()

    init(place: ObjectPlace, host: ObjectHost) {
        key = place.key
        partition = place.partition
        self.host = host
    }

    var rosterIndex: Int? {
        get { place.index }
        set { place.index = newValue }
    }

    /// Tells the instance from the former ones, whose handles do nothing any more; zero asleep.
    var life: UInt32 { live == nil ? 0 : lifeCount }

    /// True until its first instance here has gone to sleep.
    var isFirstLife: Bool { lifeCount <= 1 }

    /// The view under which the instance was made; nil while there is none.
    var epoch: Epoch? { live?.epoch }

    /// True once nothing of it is here any more.
    var isGone: Bool { host == nil }

    /// True while its instance may not be made yet.
    var isWaiting: Bool { live.map { $0.epoch == nil } ?? false }

    /// Hands it an event, and wakes it if it sleeps; false when its mailbox is full or it is gone.
    func enqueue(_ event: consuming ObjectEvent) -> Bool {
        if let live { return live.mailbox.append(event) }
        guard let woken = wake() else { return false }
        return woken.mailbox.append(event)
    }

    /// The same for the opening or the end of a socket, which its instance may handle at once.
    func handle(_ event: ObjectEvent) -> Bool {
        live?.handleAtOnce(event) == true || enqueue(event)
    }

    /// Begins another life, whose events wait until its instance is made.
    @discardableResult
    func wake() -> LiveObject? {
        if let live { return live }
        guard let host else { return nil }
        return begin(Mailbox(capacity: host.settings.inboxEventsMax), at: host)
    }

    private func begin(_ mailbox: Mailbox, at host: ObjectHost) -> LiveObject? {
        guard let type = host.type(of: key) else { return nil }
        lifeCount &+= 1
        let live = LiveObject(of: self, type: type, mailbox: mailbox, host: host)
        self.live = live
        host.activate(self)
        return live
    }

    /// Its instance has left memory in good order; what has come meanwhile is for the next one.
    func fellAsleep(leaving mailbox: Mailbox) {
        let lastEvent = live?.lastEvent
        live = nil
        guard let host else { return }
        usage.fellAsleep(at: host.loop.now, lastEvent: lastEvent)
        if !mailbox.isEmpty {
            _ = begin(mailbox, at: host)
        } else if sockets.isEmpty {
            host.remove(self)
            self.host = nil
        } else {
            sockets.pack()
        }
    }

    /// It leaves this node: `completed` is called when nothing of it is left.
    func drain(_ completed: @escaping () -> Void) {
        if let live { return live.drain(completed) }
        evict()
        completed()
    }

    /// It leaves this node now: its sockets look for a new place.
    func evict() {
        guard host != nil else { return }
        if let live { return live.evict() }
        host?.remove(self)
        ended()
        for socket in sockets { socket.detach() }
        sockets.removeAll()
    }

    /// Nothing of it is here any more but its sockets, which whoever calls this lets go of.
    func ended() {
        live = nil
        host = nil
    }

    /// Closes the sockets of an object that may not run, and has not been able to for too long.
    func closeForRestart() {
        guard let host else { return }
        for socket in sockets where socket.state == .open {
            host.tally.count("parked_too_long")
            socket.closeForRestart()
        }
    }
}

// MARK: - Sockets

extension HostedObject {
    /// A socket that the object is about to be asked about.
    func offer(_ offer: SocketOffer, path: SocketPath, loop: EventLoop) -> ObjectSocket {
        lastSequence += 1
        return ObjectSocket(offer, path: path, sequence: lastSequence, object: self, loop: loop)
    }

    /// False when the object has as many sockets as one may have.
    func add(_ socket: ObjectSocket) -> Bool {
        guard let host, sockets.count < host.settings.socketsPerObjectMax else {
            host?.noteFull("socket_limit", key)
            return false
        }
        // The session has been elsewhere since: what it had sent by its former way was, too.
        if !socket.path.isFirst, let former = sockets.socket(of: socket.id), remove(former) {
            former.withdraw()
        }
        socket.state = .open
        sockets.insert(socket)
        return true
    }

    /// False when the socket was not among those of the object.
    func remove(_ socket: ObjectSocket) -> Bool {
        if socket.state == .open { socket.state = .ended }
        return sockets.remove(socket)
    }

    func fanOut(
        _ message: PreparedMessage,
        _ key: String?,
        tag: String?,
        except excluded: SessionID?
    ) {
        var fanOut = FanOut(message, key: key)
        func add(_ socket: ObjectSocket) {
            if socket.state == .open, socket.id != excluded { fanOut.add(socket) }
        }
        if let tag {
            for socket in sockets.tagged(tag) { add(socket) }
        } else {
            for socket in sockets { add(socket) }
        }
        fanOut.send()
    }
}
