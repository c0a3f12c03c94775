import Primitives
import Testing
import Wire

@testable import Bench

@Suite struct MessageStockTests {
    /// What a server reads of all that a stock sends, one variant after the other.
    private func messages(of stock: MessageStock) throws -> [WebSocketMessage] {
        var machine = WebSocketMachine(role: .server)
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        var variant = 0
        var count = 0
        while count < stock.variantCount {
            let batch = stock.batch(from: variant, upTo: stock.variantCount - count)
            machine.receive(batch.bytes.span, output: &output, events: &events)
            variant = stock.variant(variant, advancedBy: batch.count)
            count += batch.count
        }
        #expect(variant == 0 && output.bytes.isEmpty)
        return try events.map { event in
            guard case .message(let message) = event else { throw Unexpected(event: event) }
            return message
        }
    }

    private struct Unexpected: Error {
        let event: WebSocketMachine.Event
    }

    @Test(arguments: [0, 1, 3, 20, 125, 126, 8_191, 8_192, 65_535, 65_536], [false, true])
    func `a server reads what the stock says it has sent`(bytes: Int, isText: Bool) throws {
        let stock = MessageStock(payloadBytes: bytes, isText: isText, seed: 3)
        let messages = try messages(of: stock)
        #expect(messages.count == MessageStock.variantsMax)
        for (variant, message) in messages.enumerated() {
            #expect(message.kind == (isText ? .text : .binary))
            #expect(message.payload.count == bytes)
            #expect(stock.holds(message.payload, of: variant, at: 0))
        }
        if bytes >= 20 { #expect(Set(messages.map(\.payload)).count == messages.count) }
    }

    @Test(arguments: 0..<60)
    func `a text is whole whatever its length`(bytes: Int) throws {
        let stock = MessageStock(payloadBytes: bytes, isText: true, seed: 1)
        for message in try messages(of: stock) {
            #expect(String(validating: message.payload, as: UTF8.self) != nil)
        }
    }

    @Test func `a batch goes round, and is never longer than the stock`() {
        let stock = MessageStock(payloadBytes: 20, isText: false, seed: 1)
        let last = stock.variantCount - 1
        let one = stock.batch(from: last, upTo: 1).bytes
        let two = stock.batch(from: last, upTo: 2).bytes
        #expect(two == one + stock.batch(from: 0, upTo: 1).bytes)
        #expect(stock.batch(from: last, upTo: 1_000).count == stock.variantCount)
        #expect(stock.variant(last, advancedBy: 1) == 0)
    }

    @Test func `large messages have fewer variants, two at least`() {
        #expect(MessageStock.variantCount(payloadBytes: 1 << 20) == 16)
        #expect(MessageStock.variantCount(payloadBytes: 4 << 20) == 4)
        #expect(MessageStock.variantCount(payloadBytes: 32 << 20) == 2)
        #expect(MessageStock.variantCount(payloadBytes: 5 << 20) == 3)
    }

    @Test func `nothing beyond the end is held`() {
        let stock = MessageStock(payloadBytes: 4, isText: true, seed: 1)
        #expect(stock.holds([], of: 0, at: 4))
        #expect(!stock.holds([0], of: 0, at: 4))
    }
}

extension MessageStock.Batch {
    var bytes: [UInt8] {
        switch self {
        case .copied(let frames, _): Array(frames)
        case .shared(let frame): frame
        }
    }
}

extension MessageStock {
    fileprivate func holds(_ bytes: [UInt8], of variant: Int, at offset: Int) -> Bool {
        holds(bytes.span, of: variant, at: offset)
    }
}
