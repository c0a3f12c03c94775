import Testing

@testable import Bench

@Suite struct FanOutTests {
    private let message = FanOutMessage(run: 0xC0FF_EE01, payloadBytes: 60)

    private func find(_ text: [UInt8], _ hint: inout Int) -> FanOutMessage.Reading? {
        message.find(in: text.span, hint: &hint)
    }

    @Test func `a message is found in whatever an object makes of it`() {
        let payload = message.payload(7, due: 123_456_789_012)
        #expect(payload.count == 60)
        let expected = FanOutMessage.Reading(number: 7, due: 123_456_789_012, isWhole: true)
        var hint = 0
        for (before, after) in [("", ""), ("{\"text\":\"", "\"}"), ("~rkc0~rk", " end")] {
            let text = Array(before.utf8) + payload + Array(after.utf8)
            #expect(find(text, &hint) == expected)
            #expect(hint == before.utf8.count)
            #expect(find(text, &hint) == expected)
        }
    }

    @Test func `every prefix of a message that lacks something is known as such`() {
        let payload = message.payload(7, due: 5)
        var hint = 0
        for count in 0..<payload.count {
            let found = find(Array(payload[..<count]), &hint)
            #expect((found == nil) == (count < FanOutMessage.byteCountMin))
            #expect(found?.isWhole != true)
        }
    }

    @Test func `other runs and damaged messages are not taken for this one`() {
        var hint = 0
        let other = FanOutMessage(run: 1, payloadBytes: 60).payload(7, due: 5)
        #expect(find(other, &hint) == nil)
        for index in 0..<60 {
            var payload = message.payload(7, due: 5)
            payload[index] = UInt8(ascii: "z")
            let found = find(payload, &hint)
            #expect(found == nil || (found?.isWhole == false && index >= 35) || index == 60)
        }
    }

    @Test func `the shortest message has no letters`() {
        let short = FanOutMessage(run: 1, payloadBytes: FanOutMessage.byteCountMin)
        #expect(short.payload(0, due: 0).count == FanOutMessage.byteCountMin)
    }

    @Test(arguments: [1, 2, 16])
    func `all deliveries in order are no fault`(copies: Int) {
        var order = DeliveryOrder(copies: copies)
        for number in 0..<5 as Range<UInt32> { for _ in 0..<copies { order.take(number) } }
        #expect(order.missing == 0 && order.disordered == 0)
    }

    @Test func `gaps count what is missing, and what comes late or twice is out of order`() {
        var order = DeliveryOrder(copies: 1)
        for number in [0, 3, 1, 3, 4] as [UInt32] { order.take(number) }
        #expect(order.missing == 2)
        #expect(order.disordered == 2)
        var double = DeliveryOrder(copies: 2)
        for number in [0, 1, 1] as [UInt32] { double.take(number) }
        #expect(double.missing == 1)
        #expect(double.disordered == 0)
    }
}
