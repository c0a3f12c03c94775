import Queues
import Testing

@Suite struct RareTests {
    private struct Notes: Blank, Equatable {
        var lines: [String] = []
        var count = 0
    }

    @Test func `a value is blank until it is changed, and again once it is cleared`() {
        var notes = Rare<Notes>()
        #expect(notes.isBlank)
        #expect(notes.value == Notes())
        #expect(notes.isBlank)
        notes.value.count += 2
        notes.value.lines.append("a")
        #expect(!notes.isBlank)
        #expect(notes.value == Notes(lines: ["a"], count: 2))
        notes.clear()
        #expect(notes.isBlank)
        #expect(notes.value == Notes())
    }

    @Test func `a copy keeps what it has when the other is changed`() {
        var notes = Rare<Notes>()
        notes.value.count = 1
        let copy = notes
        notes.value.count = 2
        #expect(copy.value.count == 1)
        #expect(notes.value.count == 2)
    }

    @Test func `it takes eight bytes`() {
        #expect(MemoryLayout<Rare<Notes>>.size == 8)
    }
}
