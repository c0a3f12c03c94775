import Primitives
import Testing

@Suite struct GrowingBytesTests {
    private static let grown = [UInt8].bytesGrown

    /// The room of an array of `count` bytes that is to get `more`.
    private func room(_ count: Int, more: Int, limit: Int) -> Int {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.makeRoom(for: more, limit: limit)
        return bytes.capacity
    }

    @Test func `a small array is left to itself`() {
        let count = Self.grown / 2
        let before = room(count, more: 0, limit: .max)
        #expect(room(count, more: Self.grown - count - 1, limit: .max) == before)
        #expect(room(count, more: Self.grown - count, limit: .max) >= Self.grown * [UInt8].growth)
    }

    @Test func `nothing gets more room than its limit`() {
        let limit = Self.grown * 2
        #expect((limit..<(limit + 8_192)).contains(room(Self.grown, more: 4_096, limit: limit)))
    }

    @Test func `what is beyond the limit has its room all the same`() {
        #expect(room(Self.grown, more: Self.grown, limit: 5) >= Self.grown * 2)
    }
}
