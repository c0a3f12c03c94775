import Primitives
import Queues
import Transport
import Wire

// What waits in memory for this client.
extension ClientSession {
    /// All of it.
    var heldBytes: Int { charge.bytes + (stream?.chargedBytes ?? 0) }

    /// Counts what waits beside the output of the connection, which counts that itself.
    func recharge() {
        // One that has left the shard holds nothing that is counted.
        let held = rosterIndex == nil ? 0 : ownBytes + (waiting?.queue.cost ?? 0)
        charge.set(held, on: shard.buffers)
    }

    private var ownBytes: Int {
        var bytes = machine.bufferedBytes + messages.unsettledCost
        guard let early else { return bytes }
        for case .message(let message) in early { bytes += SessionMachine.cost(of: message) }
        return bytes
    }

    /// Adds what waits to `total`; messages of the object may wait for other clients too.
    func count(into total: inout SharedByteCount) {
        total.add(own: ownBytes)
        if let waiting { for frame in waiting.queue.frames { total.add(frame) } }
        stream?.count(into: &total)
    }

    /// True when it is closed already, and what waits goes with it.
    var isLeaving: Bool { !machine.canSend }

    /// Lets go of what waits, and closes with 1013; answers what will be free only when the client
    /// has taken it or has had its time.
    ///
    /// When the memory `isFull` nothing is waited for.
    func shed(isFull: Bool) -> Int {
        guard isAccepted, stream != nil else { return 0 }
        if !isLeaving {
            shard.noteCutOff("memory_shed", self)
            waiting?.queue = SendQueue()
            stream?.discardQueued()
            close(code: .tryAgainLater, reason: RestartHint.overloadReason(shard.loop))
            endObjectSide(code: CloseCode.tryAgainLater.value, reason: "")
        }
        if isFull { lost(code: 1006) }
        recharge()
        return heldBytes
    }
}
