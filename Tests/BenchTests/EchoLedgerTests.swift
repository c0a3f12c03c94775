import Primitives
import Testing
import Wire

@testable import Bench

@Suite struct EchoLedgerTests {
    private let stock = MessageStock(payloadBytes: 20, isText: false, seed: 5)

    /// What a server echoes when everything is in order.
    private func payloads(_ count: Int, number: Int = 0) -> [[UInt8]] {
        (0..<count).map { index in
            let variant = stock.variant(number, advancedBy: index)
            let frame = stock.batch(from: variant, upTo: 1).bytes
            var machine = WebSocketMachine(role: .server)
            var events: [WebSocketMachine.Event] = []
            var output = ByteWriter()
            machine.receive(frame.span, output: &output, events: &events)
            guard case .message(let message)? = events.first else { return [] }
            return message.payload
        }
    }

    private func ledger(sent times: [Int64], number: Int = 0) -> EchoLedger {
        var ledger = EchoLedger(stock, number: number)
        for time in times { _ = ledger.send(upTo: 1, at: time) }
        return ledger
    }

    @Test func `replies come in the order in which messages were sent`() {
        var ledger = ledger(sent: [10, 20, 20])
        #expect(ledger.outstandingCount == 3)
        let replies = payloads(3).map { ledger.take($0) }
        #expect(replies == [.echo(since: 10), .echo(since: 20), .echo(since: 20)])
        #expect(ledger.outstandingCount == 0)
        #expect(ledger.takeReplyCount() == 3)
        #expect(ledger.takeReplyCount() == 0)
    }

    @Test func `a message may come in any pieces`() {
        for cut in 0...20 {
            var ledger = ledger(sent: [1])
            let payload = payloads(1)[0]
            #expect(ledger.take(Array(payload[..<cut]), endsMessage: false) == nil)
            let rest = Array(payload[cut...])
            #expect(ledger.take(rest) == .echo(since: 1))
        }
    }

    @Test func `one wrong byte, one too few or too many, or the other kind is noticed`() {
        let good = payloads(1)[0]
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 1
            var ledger = ledger(sent: [1])
            #expect(ledger.take(bytes) == .wrong(since: 1))
        }
        for bytes in [Array(good.dropLast()), good + [0], []] {
            var ledger = ledger(sent: [1])
            #expect(ledger.take(bytes) == .wrong(since: 1))
        }
        var ledger = ledger(sent: [1])
        #expect(ledger.take(good, .text) == .wrong(since: 1))
    }

    @Test func `a wrong message does not make the next one wrong`() {
        var ledger = ledger(sent: [1, 2])
        _ = ledger.take([1, 2, 3])
        let next = payloads(2)[1]
        #expect(ledger.take(next) == .echo(since: 2))
    }

    @Test func `messages of other connections and in another order are wrong`() {
        var first = ledger(sent: [1])
        let other = payloads(1, number: 1)[0]
        #expect(first.take(other) == .wrong(since: 1))
        var second = ledger(sent: [1, 2])
        let swapped = payloads(2)[1]
        #expect(second.take(swapped) == .wrong(since: 1))
    }

    @Test func `a message too many is unexpected`() {
        var ledger = ledger(sent: [1])
        let (first, second) = (payloads(2)[0], payloads(2)[1])
        _ = ledger.take(first)
        #expect(ledger.take(second) == .unexpected)
        #expect(ledger.outstandingCount == 0)
    }
}

extension EchoLedger {
    fileprivate mutating func take(
        _ bytes: [UInt8],
        _ kind: WebSocketMessage.Kind = .binary,
        endsMessage: Bool = true
    ) -> Reply? {
        receive(bytes.span, kind, endsMessage: endsMessage)
    }
}
