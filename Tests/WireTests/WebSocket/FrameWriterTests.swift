import Primitives
import Testing
import Wire

@Suite struct FrameWriterTests {
    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `a server frame is the same in one piece and as header and payload`(count: Int) {
        let payload = [UInt8](repeating: 7, count: count)
        let expected = RawFrame.binary(payload).unmasked
        #expect(FrameWriter.encode(.binary, payload.span) == expected)
        var output = ByteWriter()
        output.write(FrameWriter.header(of: .binary, payloadCount: count))
        #expect(output.bytes + payload == expected)
        var writer = FrameWriter(role: .server)
        var whole = ByteWriter()
        writer.write(.binary, payload.span, to: &whole)
        #expect(whole.bytes == expected)
    }

    @Test func `a client masks every frame with a new key`() throws {
        var writer = FrameWriter(role: .client(maskingSeed: 1))
        var keys: [MaskingKey?] = []
        for _ in 0..<3 {
            let payload = [UInt8]("hello".utf8)
            var output = ByteWriter()
            writer.write(.text, payload.span, to: &output)
            let header = try FrameHeader(output.bytes.span, maskedBySender: true)
            keys.append(header?.mask)
            #expect(WebSocketPeer(after: [output.bytes]).events == [.text("hello")])
        }
        #expect(Set(keys.map { $0?.value }).count == 3)
        #expect(!keys.contains(nil))
    }
}
