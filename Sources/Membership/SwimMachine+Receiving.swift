import Primitives

extension SwimMachine {
    mutating func receiveDatagram(
        _ bytes: ArraySlice<UInt8>,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard sender.id != local.id else {
            return hearNamesake(sender, now: now, &actions)
        }
        guard let message = decode(bytes, bytesMax: settings.datagramBytesMax) else { return }
        guard message.kind.isForDatagram else { return tally.count("datagram: link message") }
        for update in message.updates { apply(update, now: now, &actions) }
        switch message.kind {
        case .ping(let sequence):
            answer(sequence, to: sender, refuting: isBehindOnLocal(message), &actions)
        case .ack(let sequence):
            acknowledge(sequence, by: sender.id, now: now, &actions)
        case .pingRequest(let sequence, let wait, let target):
            let request = PingRequest(sequence: sequence, waitMilliseconds: wait, prober: sender)
            help(request, pinging: target, now: now, &actions)
        case .nack(let sequence): probe?.receiveNack(sequence, from: sender.id)
        case .gossip, .digest, .table: break
        }
    }

    mutating func receiveStream(
        _ bytes: ArraySlice<UInt8>,
        from id: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let message = decode(bytes, bytesMax: settings.streamBytesMax) else { return }
        heardOnLink(from: id, now: now)
        switch message.kind {
        case .table(let answerWanted):
            merge(message.updates, from: id, answerWanted: answerWanted, now: now, &actions)
            return
        case .ping(let sequence): sendStream(.ack(sequence: sequence), to: id, &actions)
        case .digest(let hash) where hash != table.digest:
            sendTable(answerWanted: true, to: id, &actions)
        case .digest, .ack, .gossip: break
        case .pingRequest, .nack: tally.count("link: datagram message")
        }
        for update in message.updates { apply(update, now: now, &actions) }
        guard isBehindOnLocal(message), !isSuperseded else { return }
        sendStream(.gossip, updates: [update(about: MemberTable.localSlot)], to: id, &actions)
    }

    /// True when the sender has not heard the latest that this node says of itself.
    ///
    /// A suspect whose refutation got lost is saved by telling the accuser directly.
    private func isBehindOnLocal(_ message: SwimMessage) -> Bool {
        message.updates.contains { $0.id == local.id && $0.standing < local.standing }
    }

    private mutating func decode(_ bytes: ArraySlice<UInt8>, bytesMax: Int) -> SwimMessage? {
        guard bytes.count <= bytesMax else {
            tally.count("message: too long")
            return nil
        }
        do throws(ByteError) {
            return try SwimMessage(decoding: bytes)
        } catch {
            tally.count(error.reason)
            return nil
        }
    }

    /// An answer, with a correction if we hold something else of the sender than that it is alive.
    ///
    /// So a member that was called dead while it slept learns it at its first probe and refutes,
    /// and a process that a later one has replaced learns that.
    private mutating func answer(
        _ sequence: UInt32,
        to sender: Sender,
        refuting: Bool,
        _ actions: inout [Action]
    ) {
        var updates = refuting ? [update(about: MemberTable.localSlot)] : []
        if let slot = table.slot(of: sender.id) {
            let seen = Standing(
                .alive,
                incarnation: sender.incarnation,
                refutation: table[slot].refutation
            )
            if seen < table[slot].standing { updates.append(update(about: slot)) }
        } else {
            tally.count("ping: unknown sender")
        }
        send(SwimMessage(.ack(sequence: sequence), updates: updates), to: sender.address, &actions)
    }

    /// Somebody speaks under our own name.
    ///
    /// The earlier process loses, so if that is the other one it is told of us.
    private mutating func hearNamesake(
        _ namesake: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        tally.count("datagram: own name")
        guard namesake.incarnation != local.incarnation else { return }
        guard namesake.incarnation < local.incarnation else {
            return yield(to: namesake.incarnation, &actions)
        }
        let news = [update(about: MemberTable.localSlot)]
        send(SwimMessage(.gossip, updates: news), to: namesake.address, &actions)
    }

    /// A process whose successor was here, and is perhaps gone again, hears of it; else it would
    /// dial for ever.
    mutating func tellSuperseded(
        _ id: NodeID,
        _ incarnation: Incarnation,
        at address: SocketAddress,
        _ actions: inout [Action]
    ) {
        guard let slot = table.slot(of: id), !isLatest(id, incarnation) else { return }
        send(SwimMessage(.gossip, updates: [update(about: slot)]), to: address, &actions)
    }

    mutating func yield(to incarnation: Incarnation, _ actions: inout [Action]) {
        isSuperseded = true
        actions.append(.superseded(by: incarnation))
    }
}

extension ByteError {
    /// The word under which a message that does not decode is counted.
    fileprivate var reason: StaticString {
        switch self {
        case .truncated: "message: truncated"
        case .invalidText: "message: invalid text"
        case .tooLong: "message: field too long"
        case .invalidValue: "message: invalid value"
        case .trailing: "message: trailing bytes"
        }
    }
}
