import Primitives
import Transport
import Wire

// How much waits for the client, and who waits for that.
extension ObjectSocket {
    /// Bytes of frames that have not reached the kernel of the client's node, as far as is known.
    var bufferedAmount: Int {
        guard state == .open else { return 0 }
        // Without a lease the gate holds back what was sent.
        if isGateOpen, case .local(let session) = path, let bytes = session.queuedBytesHere {
            return bytes
        }
        return flow.unconfirmed
    }

    /// `waiter` goes on when little waits, or when the socket has ended.
    func wait(_ waiter: Waiter<DrainError?>) {
        guard state == .open else { return waiter.resume(returning: .closed) }
        guard bufferedAmount > WebSocket.lowWaterBytes else { return waiter.resume(returning: nil) }
        guard flow.wait(waiter) else {
            return waiter.resume(returning: .tooManyWaiting(limit: SocketFlow.waitersMax))
        }
    }

    /// The client's node has told how far it is.
    func told(_ status: LinkStatus) {
        flow.take(status, now: loop.now)
        releaseIfDrained()
    }

    /// The policy has taken back messages of these sizes, which had not left this node.
    func dropped(_ messages: [Int]) {
        flow.takeBack(messages, counting: notes.sendPolicy == .dropOldest)
        releaseIfDrained()
    }

    private func releaseIfDrained() {
        if bufferedAmount <= WebSocket.lowWaterBytes { flow.release(nil) }
    }
}
