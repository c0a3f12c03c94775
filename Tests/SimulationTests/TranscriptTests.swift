import Primitives
import Simulation
import Testing

@Suite struct TranscriptTests {
    @Test func `the hash depends on everything and on its order`() {
        func hash(_ numbers: [UInt64], _ bytes: [UInt8]) -> UInt64 {
            var transcript = Transcript(lineCountMax: 0)
            for number in numbers { transcript.record(number) }
            transcript.record(bytes)
            return transcript.hash
        }
        let hashes = [
            hash([1, 2], [3]), hash([2, 1], [3]), hash([1, 2], [4]), hash([1], [3]),
            hash([1, 2], []), hash([0, 1, 2], [3]), hash([1, 2], [0, 3]),
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(hash([1, 2], [3]) == hashes[0])
    }

    @Test func `the last lines are kept, as many as the limit says`() {
        var transcript = Transcript(lineCountMax: 3)
        for number in 1...3 { transcript.note(at: .zero, "line \(number)") }
        #expect(transcript.lines == ["0.0 line 1", "0.0 line 2", "0.0 line 3"])
        transcript.note(at: Instant(nanoseconds: 1_500_000_000), "line 4")
        #expect(transcript.lines == ["0.0 line 2", "0.0 line 3", "1.5 line 4"])
    }
}
