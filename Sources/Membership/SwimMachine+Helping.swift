import Primitives

/// What a prober asked of this node.
struct PingRequest: Sendable {
    let sequence: UInt32
    let waitMilliseconds: UInt16
    let prober: Sender
}

/// A ping that this node has sent for another.
struct Relay: Sendable {
    let request: PingRequest
    let target: NodeID
    let sequence: UInt32
    var deadline: Instant

    mutating func postpone(by delay: Duration) { deadline = deadline.advanced(by: delay) }
}

extension SwimMachine {
    mutating func help(
        _ request: PingRequest,
        pinging target: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let slot = table.slot(of: target), target != local.id else {
            tally.count("ping request: unknown target")
            let nack = SwimMessage(.nack(sequence: request.sequence))
            return send(nack, to: request.prober.address, &actions)
        }
        guard relays.count < settings.relaysMax else {
            return tally.count("ping request: too many")
        }
        sequence &+= 1
        let deadline = now.advanced(by: .milliseconds(request.waitMilliseconds))
        relays.append(
            Relay(request: request, target: target, sequence: sequence, deadline: deadline)
        )
        send(SwimMessage(.ping(sequence: sequence)), to: table[slot].address, &actions)
    }

    /// The answer to a ping that was sent for another, or one that comes too late.
    mutating func passOn(_ answer: UInt32, by id: NodeID, _ actions: inout [Action]) {
        let index = relays.firstIndex { $0.sequence == answer && $0.target == id }
        guard let index else { return tally.count("ack: late") }
        let request = relays.remove(at: index).request
        let ack = SwimMessage(.ack(sequence: request.sequence))
        send(ack, to: request.prober.address, &actions)
    }

    mutating func giveUpRelays(now: Instant, _ actions: inout [Action]) {
        while let index = relays.firstIndex(where: { $0.deadline <= now }) {
            let request = relays.remove(at: index).request
            let nack = SwimMessage(.nack(sequence: request.sequence))
            send(nack, to: request.prober.address, &actions)
        }
    }
}
