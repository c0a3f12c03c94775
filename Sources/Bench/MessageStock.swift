import Primitives
import Wire

/// The messages that are sent again and again, masked and framed once.
///
/// There are several, which a connection sends in turn and each connection from another one on: what
/// comes back in another order, or to another connection, is not what was sent. Masking keys are
/// random, but the same for each message of the stock: RFC 6455 wants fresh ones to protect proxies
/// from pages, and here is no page.
struct MessageStock: Sendable {
    static let variantsMax = 16
    /// All variants together take twice as much, if one or two are not larger themselves.
    static let bytesMax = 16 << 20

    let kind: WebSocketMessage.Kind
    let payloads: [[UInt8]]
    /// The whole frame of each payload.
    let frames: [[UInt8]]

    init(payloadBytes: Int, isText: Bool, seed: UInt64) {
        let count = min(Self.variantsMax, max(2, Self.bytesMax / max(payloadBytes, 1)))
        var random = SplitMix64(seed: seed)
        var writer = FrameWriter(role: .client(maskingSeed: random.next()))
        let kind: WebSocketMessage.Kind = isText ? .text : .binary
        self.kind = kind
        payloads = (0..<count).map { variant in
            isText
                ? Self.text(payloadBytes, from: variant) : Self.noise(payloadBytes, using: &random)
        }
        frames = payloads.map { payload in
            var output = ByteWriter(reservingCapacity: payload.count + FrameHeader.byteCountMax)
            writer.write(kind.opcode, payload.span, to: &output)
            return output.take()
        }
    }

    /// The variant that comes after this one.
    func variant(after variant: Int) -> Int { variant + 1 == payloads.count ? 0 : variant + 1 }

    private static func noise(_ count: Int, using random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            let bits = random.next()
            for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        return Array(bytes.prefix(count))
    }

    /// UTF-8 of all four lengths, the last characters of one byte so that none is cut.
    private static func text(_ count: Int, from variant: Int) -> [UInt8] {
        let alphabet = "abcdefghijklmnopäöü€😀".map { Array(String($0).utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var index = variant
        while bytes.count + 4 <= count {
            bytes += alphabet[index % alphabet.count]
            index += 1
        }
        while bytes.count < count { bytes.append(UInt8(ascii: "A") + UInt8(variant % 26)) }
        return bytes
    }
}
