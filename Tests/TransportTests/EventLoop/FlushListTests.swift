import Testing

@testable import Transport

@Suite struct FlushListTests {
    private final class Marked: TurnEndFlushing {
        func flush() {}
    }

    @Test func `only who is alone behind a place is unmarked, and nobody else`() {
        let (first, second) = (Marked(), Marked())
        var list = FlushList()
        list.mark(first)
        let place = list.count
        var answers = [list.unmark(first, ifAloneBehind: place)]
        list.mark(second)
        answers.append(list.unmark(first, ifAloneBehind: place))
        answers.append(list.unmark(second, ifAloneBehind: place - 1))
        #expect(answers == [false, false, false])
        answers = [list.unmark(second, ifAloneBehind: place)]
        answers.append(list.unmark(second, ifAloneBehind: place))
        #expect(answers == [true, false])
        #expect(list.count == place)
    }

    @Test func `who is marked while others are flushed waits for the next time`() {
        let (first, second) = (Marked(), Marked())
        var list = FlushList()
        list.mark(first)
        list.begin()
        list.mark(second)
        #expect(list.flushing.count == 1 && list.flushing[0] === first)
        list.end()
        #expect(list.flushing.isEmpty)
        list.begin()
        #expect(list.flushing.count == 1 && list.flushing[0] === second)
        #expect(list.isEmpty)
    }
}
