import Primitives
import Testing

@testable import Wire

/// Where the numbers of streams begin.
@Suite struct LaneStartTests {
    @Test(arguments: [0, 1, 7, 0x8000_0000, .max - 1, .max] as [UInt32], [true, false])
    func `numbers begin where the driver says, are never zero, and are of one side`(
        start: UInt32,
        isLowerID: Bool
    ) throws {
        var machine = LaneMachine(isLowerID: isLowerID, startingAt: start)
        var numbers: [UInt32] = []
        for _ in 0..<4 {
            let id = try machine.open(.session, head: [1], partition: 0, epoch: 1)
            numbers.append(id.value)
        }
        #expect(Set(numbers).count == 4)
        #expect(numbers.allSatisfy { $0 % 2 == (isLowerID ? 1 : 0) && $0 != 0 })
        #expect(numbers[0] &- start <= 4 || start &- numbers[0] <= 4)
    }

    @Test func `a lane that begins elsewhere is understood by its peer`() throws {
        var ends = [
            LaneMachine(isLowerID: true, startingAt: 0x9000_0000),
            LaneMachine(isLowerID: false, startingAt: 0xF000_0001),
        ]
        var opened: [StreamID] = []
        var events: [LaneMachine.Event] = []
        for index in ends.indices { ends[index].connected(now: .zero) }
        let ids = try ends.indices.map { index in
            try ends[index].open(.session, head: [7], partition: 3, epoch: 1)
        }
        for _ in 0..<6 {
            for index in ends.indices {
                var output = ByteWriter()
                ends[index].writeOutput(into: &output, limit: 65_536, now: .zero, events: &events)
                try ends[1 - index].receive(output.bytes.span, now: .zero, events: &events)
            }
        }
        for event in events {
            if case .opened(let id, _, _, _, _) = event { opened.append(id) }
        }
        #expect(Set(opened) == Set(ids))
    }
}
