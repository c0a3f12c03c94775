import Testing

@testable import Transport

@Suite struct LoopBuffersTests {
    private func buffer(_ capacity: Int) -> [UInt8] {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(capacity)
        return buffer
    }

    @Test func `what one connection gives back another one gets`() {
        let buffers = LoopBuffers()
        #expect(buffers.takeSpare().capacity == 0)
        buffers.giveBack(buffer(512))
        #expect(buffers.takeSpare().capacity >= 512)
        #expect(buffers.takeSpare().capacity == 0)
    }

    @Test func `no more are kept than may be, and none without room`() {
        let buffers = LoopBuffers()
        buffers.giveBack([])
        for _ in 0...LoopBuffers.spareCountMax { buffers.giveBack(buffer(16)) }
        for _ in 0..<LoopBuffers.spareCountMax { #expect(buffers.takeSpare().capacity >= 16) }
        #expect(buffers.takeSpare().capacity == 0)
    }
}
