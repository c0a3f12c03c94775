import Primitives
import Testing
import Wire

@Suite struct SessionMachineTests {
    private func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    private func message(_ number: Int) -> WebSocketMessage { WebSocketMessage(text: "\(number)") }

    private func texts(_ messages: [WebSocketMessage]) -> [String] {
        messages.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    /// An attached session whose owner was handed so many messages.
    private func attached(handed count: Int = 0) -> SessionMachine {
        var session = SessionMachine(now: .zero)
        session.ask()
        _ = session.attached()
        for number in 0..<count { _ = session.receive(message(number)) }
        return session
    }

    /// What the next owner is handed.
    private func reattach(_ session: inout SessionMachine) -> [String] {
        session.ask()
        return texts(session.attached())
    }

    @Test func `what comes without an owner is kept, and handed over in order`() {
        var session = SessionMachine(now: .zero)
        let first = session.receive(message(0))
        session.ask()
        let second = session.receive(message(1))
        #expect(first == .keep && second == .keep)
        #expect(texts(session.attached()) == ["0", "1"])
        let third = session.receive(message(2))
        #expect(third == .hand)
        #expect(session.unsettledCount == 3)
    }

    @Test func `an owner that was never asked gets nothing`() {
        var session = SessionMachine(now: .zero)
        _ = session.receive(message(0))
        #expect(session.attached() == [])
        #expect(session.state == .parked)
    }

    @Test func `what was handled is settled, and no more is believed than was handed`() {
        var session = attached(handed: 3)
        session.processed(through: 2)
        #expect(session.settled == 2)
        session.processed(through: 1)
        session.processed(through: 4)
        #expect(session.settled == 2)
        session.processed(through: 3)
        #expect(session.settled == 3)
        #expect(session.unsettledCost == 0)
    }

    @Test func `what its owner has handled at once was never kept, and counts`() {
        var session = attached()
        #expect(session.isUpToDate)
        for _ in 1...3 { session.settledAtOnce() }
        #expect(session.settled == 3)
        _ = session.receive(message(3))
        #expect(!session.isUpToDate)
        session.settledAtOnce()
        #expect(session.settled == 3)
        session.processed(through: 4)
        #expect(session.settled == 4)
        #expect(session.isUpToDate)
        session.moved(processed: 4, isInterrupted: false, now: at(1))
        #expect(!session.isUpToDate)
        session.settledAtOnce()
        #expect(session.settled == 4)
        #expect(reattach(&session) == [])
    }

    @Test func `a planned move hands on exactly what was not handled, unmarked`() {
        var session = attached(handed: 5)
        session.processed(through: 1)
        session.moved(processed: 3, isInterrupted: false, now: at(1))
        #expect(session.state == .parked)
        #expect(session.doubtful == 0)
        #expect(session.settled == 3)
        #expect(reattach(&session) == ["3", "4"])
        #expect(session.redelivered == 0)
    }

    @Test func `counts begin anew with each owner`() {
        var session = attached(handed: 4)
        session.moved(processed: 3, isInterrupted: false, now: at(1))
        #expect(reattach(&session) == ["3"])
        session.processed(through: 2)
        #expect(session.settled == 3, "the new owner was handed one")
        session.processed(through: 1)
        #expect(session.settled == 4)
        #expect(session.unsettledCount == 0)
    }

    @Test func `an interrupted move marks one message, if one was there`() {
        var session = attached(handed: 3)
        session.moved(processed: 1, isInterrupted: true, now: at(1))
        #expect(session.doubtful == 1)
        #expect(reattach(&session) == ["1", "2"])
        #expect(session.redelivered == 1)
        var idle = attached(handed: 3)
        idle.moved(processed: 3, isInterrupted: true, now: at(1))
        #expect(idle.doubtful == 0)
    }

    @Test func `a scattered interruption marks all that the owner had, and nothing else`() {
        var session = attached(handed: 4)
        session.moved(processed: 1, isInterrupted: true, isScattered: true, now: at(1))
        _ = session.receive(message(4))
        #expect(session.doubtful == 3)
        #expect(reattach(&session) == ["1", "2", "3", "4"])
        #expect(session.redelivered == 3)
        var idle = attached(handed: 3)
        idle.moved(processed: 3, isInterrupted: true, isScattered: true, now: at(1))
        #expect(idle.doubtful == 0)
    }

    @Test func `a lost owner makes all that it had doubtful, and nothing else`() {
        var session = attached(handed: 4)
        session.processed(through: 1)
        session.lost(now: at(1))
        let kept = session.receive(message(4))
        #expect(kept == .keep)
        #expect(session.doubtful == 3)
        #expect(session.settled == 1)
        #expect(reattach(&session) == ["1", "2", "3", "4"])
        #expect(session.redelivered == 3)
        session.processed(through: 2)
        #expect(session.doubtful == 1)
        session.moved(processed: 3, isInterrupted: false, now: at(2))
        #expect(session.doubtful == 0)
        #expect(reattach(&session) == ["4"])
    }

    @Test func `doubt survives an owner that handles nothing`() {
        var session = attached(handed: 2)
        session.lost(now: at(1))
        session.ask()
        session.moved(processed: 0, isInterrupted: false, now: at(1))
        #expect(session.doubtful == 2)
        session.ask()
        session.lost(now: at(1))
        #expect(session.doubtful == 2)
        #expect(reattach(&session) == ["0", "1"])
    }

    @Test func `an owner that is lost before it took the session casts no doubt`() {
        var session = SessionMachine(now: .zero)
        _ = session.receive(message(0))
        session.ask()
        session.lost(now: at(1))
        #expect(session.doubtful == 0)
        #expect(session.state == .parked)
    }

    @Test func `a session waits as long as its limit says, from when it lost its owner`() {
        var session = attached()
        #expect(!session.isOverdue(now: at(1_000)))
        session.lost(now: at(10))
        #expect(!session.isOverdue(now: at(40)))
        session.ask()
        session.moved(processed: 0, isInterrupted: false, now: at(39))
        #expect(!session.isOverdue(now: at(40)))
        #expect(session.isOverdue(now: at(40).advanced(by: .nanoseconds(1))))
        session.ask()
        #expect(session.isOverdue(now: at(41)), "asking is not having")
    }

    @Test func `as many messages are kept as the limit says, and one more ends it`() {
        var session = SessionMachine(now: .zero)
        let limit = session.limits.parkedMessagesMax
        for number in 0..<limit {
            let reception = session.receive(message(number))
            #expect(reception == .keep)
        }
        let last = session.receive(message(limit))
        #expect(last == .overflow)
    }

    @Test func `as many bytes are kept as the limit says, and one more ends it`() {
        var limits = SessionLimits()
        limits.parkedBytesMax = 10
        var session = SessionMachine(limits: limits, now: .zero)
        let whole = session.receive(WebSocketMessage(kind: .binary, payload: Array(1...10)))
        let more = session.receive(WebSocketMessage(kind: .binary, payload: [11]))
        #expect(whole == .keep)
        #expect(more == .overflow)
    }

    @Test func `what the former owner was handed does not count as kept`() {
        var session = attached(handed: 2_000)
        session.lost(now: at(1))
        let kept = session.receive(message(2_000))
        #expect(kept == .keep)
    }

    @Test func `what came while there was an owner does not count as kept either`() {
        var session = attached(handed: 1)
        session.lost(now: at(1))
        _ = session.receive(message(1))
        #expect(reattach(&session) == ["0", "1"])
        for number in 2..<1_500 { _ = session.receive(message(number)) }
        session.lost(now: at(2))
        let kept = session.receive(message(1_500))
        #expect(kept == .keep)
    }

    @Test func `reading stops when the window is full, and goes on at half of it`() {
        var limits = SessionLimits()
        limits.windowBytes = 10 * SessionMachine.cost(of: WebSocketMessage(text: ""))
        var session = SessionMachine(limits: limits, now: .zero)
        session.ask()
        _ = session.attached()
        for _ in 0..<10 { _ = session.receive(WebSocketMessage(text: "")) }
        #expect(!session.isWindowFull)
        _ = session.receive(WebSocketMessage(text: ""))
        #expect(session.isWindowFull)
        session.processed(through: 5)
        #expect(!session.hasRoom)
        session.processed(through: 6)
        #expect(session.hasRoom)
    }

    @Test func `a session that is over takes nothing and waits for nothing`() {
        var session = attached(handed: 3)
        session.end()
        let reception = session.receive(message(3))
        #expect(reception == .drop)
        #expect(session.unsettledCost == 0)
        session.lost(now: at(1))
        session.moved(processed: 3, isInterrupted: true, now: at(1))
        session.ask()
        #expect(session.state == .ended)
        #expect(!session.isOverdue(now: at(10_000)))
    }

    /// Against a list that knows everything: what is handed on is always what was not settled.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `whatever owners do, nothing is missing, doubled or out of order`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var session = SessionMachine(now: .zero)
        var sent = 0
        var handed = 0
        var base = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1, 2:
                if session.receive(message(sent)) == .hand { handed += 1 }
                sent += 1
            case 3:
                guard session.state == .parked else { continue }
                session.ask()
                base = Int(session.settled)
                let messages = session.attached()
                #expect(texts(messages) == (base..<sent).map { "\($0)" })
                handed = messages.count
            case 4, 5:
                let count = Int.random(in: 0...handed, using: &random)
                session.processed(through: UInt64(count))
            case 6: session.lost(now: .zero)
            case 7:
                guard session.isUpToDate else { continue }
                session.settledAtOnce()
                handed += 1
                sent += 1
            default:
                let count = Int.random(in: 0...handed, using: &random)
                session.moved(
                    processed: UInt64(count),
                    isInterrupted: Bool.random(using: &random),
                    now: .zero
                )
            }
            #expect(Int(session.settled) <= sent)
            #expect(session.doubtful <= sent - Int(session.settled))
        }
    }

    @Test func `what is forgotten is settled, and what is counted stays`() {
        var session = SessionMachine(now: .zero)
        session.ask()
        _ = session.attached()
        _ = session.receive(WebSocketMessage(text: "a"))
        session.forgetSettled()
        #expect(session.unsettledCount == 1)
        session.processed(through: 1)
        session.forgetSettled()
        #expect(session.unsettledCost == 0)
        #expect(session.settled == 1)
        _ = session.receive(WebSocketMessage(text: "b"))
        session.lost(now: .zero)
        session.forgetSettled()
        #expect(session.doubtful == 1)
        session.ask()
        #expect(session.attached().count == 1)
    }
}
