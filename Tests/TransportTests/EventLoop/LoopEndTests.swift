import Testing

@testable import Transport

@Suite struct LoopEndTests {
    /// A loop that shares the thread of the test.
    private func loop() throws -> EventLoop { try EventLoop() }

    @Test func `what is to be called at the end is called once, in order, behind all else`() throws
    {
        let loop = try loop()
        let log = Log()
        loop.runBetweenTurns {
            for number in 1...3 { _ = loop.atEnd { log.lines.append("end \(number)") } }
            let taken = loop.atEnd { log.lines.append("taken back") }
            loop.cancel(taken)
            loop.schedule(after: .seconds(3_600)) { log.lines.append("timer") }
        }
        #expect(log.lines.isEmpty)
        loop.stop()
        #expect(!loop.runTurn())
        #expect(log.lines == ["end 1", "end 2", "end 3"])
        #expect(!loop.runTurn())
        #expect(log.lines.count == 3)
    }

    private final class Log { var lines: [String] = [] }
}
