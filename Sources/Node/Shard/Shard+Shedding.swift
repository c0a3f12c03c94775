import Primitives
import Transport
import Wire

// What waits in memory for clients: when it is too much, the greediest have to go, before the node
// is in danger.
extension Shard {
    /// A new request is refused while this is true.
    var isBusy: Bool { buffers.pool.isBusy }

    /// Counts a request that is refused for want of memory, and says when to come back.
    func refuseBusy(_ client: SocketAddress?) -> Response {
        noteRefusal("memory_refused", client)
        return RestartHint.overloaded(loop)
    }

    /// This loop has more, and the node too much: looked into later in the turn, for whoever has
    /// more may be in the middle of it.
    func relieveSoon() {
        guard !isReliefDue else { return }
        isReliefDue = true
        LoopBound(self, on: loop).execute { shard in
            shard.isReliefDue = false
            // What this loop has may be little, and that of another one much.
            for other in shard.directory { other.run { $0.relieve() } }
        }
    }

    /// To be called about once a second: tells exactly what waits.
    func tellWaiting() {
        laneCharge.set(localLanes.reduce(0) { $0 + $1.machine.waitingBytes }, on: buffers)
        buffers.tell()
        if buffers.toldBytes < buffers.bytes { buffers.correct(to: census) }
        if isBusy { relieve() }
        memory?.keep(at: loop.now)
        guard isShedding, !isBusy else { return }
        isShedding = false
        log.notice("enough memory is free again", ["waiting": "\(buffers.pool.bytes)"])
    }

    /// Cuts off the greediest of this loop, as long as the node has too much and this loop more
    /// than its share.
    func relieve() {
        let pool = buffers.pool
        guard pool.isBusy else { return }
        buffers.correct(to: census)
        guard pool.isBusy else { return }
        noteShedding(pool)
        let share = pool.calmBytes / max(1, directory.count) + laneCharge.bytes
        var leaving = sessions.reduce(0) { $0 + ($1.isLeaving ? $1.heldBytes : 0) }
        if pool.isFull { leaving = 0 }
        for client in greediest(in: pool) {
            let left = buffers.toldBytes - leaving
            guard pool.bytes - leaving > pool.calmBytes, left > share else { break }
            leaving += client.cut(pool.isFull)
            buffers.tell()
        }
    }

    private func noteShedding(_ pool: BufferPool) {
        isShedding = true
        guard refusals.allows("shedding", at: loop.now) else { return }
        log.warning(
            "too much waits in memory: the greediest clients are cut off, and new ones refused",
            ["waiting": "\(pool.bytes)", "limit": "\(pool.bytesMax)"]
        )
    }

    /// What really waits: what several clients wait for counts once.
    private var census: Int {
        var total = SharedByteCount()
        for session in sessions { session.count(into: &total) }
        server.count(into: &total)
        total.add(own: laneCharge.bytes)
        return total.bytes
    }

    /// One client, and how it is made to hold less.
    private struct Holder {
        let bytes: Int
        /// Answers how much will be free only later; with `true` nothing is waited for.
        let cut: (_ isFull: Bool) -> Int
    }

    /// Those that hold most; only when the pool is full also who is modest, or is leaving already.
    private func greediest(in pool: BufferPool) -> [Holder] {
        let (isFull, modest) = (pool.isFull, pool.isFull ? 0 : pool.modestBytes)
        let sessions = sessions.filter { isFull || !$0.isLeaving }.map { session in
            Holder(bytes: session.heldBytes, cut: { session.shed(isFull: $0) })
        }
        let requests = server.waiting.map { waiting in
            Holder(
                bytes: waiting.bytes,
                cut: { [self] _ in
                    let refusal = HTTPRefusal(RestartHint.overloaded(loop))
                    if waiting.cut(refusal) { noteCutOff("memory_shed", waiting.client) }
                    return 0
                }
            )
        }
        let holders = (sessions + requests).filter { $0.bytes > modest }.enumerated()
        return holders.sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }
            .map(\.element)
    }
}
