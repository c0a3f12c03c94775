import Primitives
import Transport
import Wire

/// The messages that are sent again and again, masked and framed once.
///
/// There are several, which a connection sends in turn and each connection from another one on: what
/// comes back in another order, or to another connection, is not what was sent. Masking keys are
/// random, but the same for each message of the stock: RFC 6455 wants fresh ones to protect proxies
/// from pages, and here is no page.
struct MessageStock: Sendable {
    /// Frames to be sent one after the other.
    enum Batch: Equatable {
        /// Small ones, to be copied.
        case copied(ArraySlice<UInt8>, count: Int)
        /// One that is large enough to be kept by reference.
        case shared([UInt8])

        var count: Int {
            switch self {
            case .copied(_, let count): count
            case .shared: 1
            }
        }
    }

    static let variantsMax = 16
    /// All variants together take twice as much, if two are not larger themselves.
    static let bytesMax = 16 << 20

    let kind: WebSocketMessage.Kind
    let payloadBytes: Int
    let variantCount: Int
    /// All payloads, one behind the other.
    private let payloads: [UInt8]
    /// All frames, if they are small: one behind the other, and once more.
    private let small: [UInt8]
    /// Each frame, if they are large.
    private let large: [[UInt8]]

    init(payloadBytes: Int, isText: Bool, seed: UInt64) {
        let variants = Self.variantCount(payloadBytes: payloadBytes)
        let kind: WebSocketMessage.Kind = isText ? .text : .binary
        var random = SplitMix64(seed: seed)
        var writer = FrameWriter(role: .client(maskingSeed: random.next()))
        let each = (0..<variants).map { variant in
            isText
                ? Self.text(payloadBytes, from: variant) : Self.noise(payloadBytes, using: &random)
        }
        let frames = each.map { payload in
            var output = ByteWriter(reservingCapacity: payload.count + FrameHeader.byteCountMax)
            writer.write(kind.opcode, payload.span, to: &output)
            return output.take()
        }
        let isLarge = payloadBytes >= OutputQueue.sharedBytesMin
        self.kind = kind
        self.payloadBytes = payloadBytes
        variantCount = variants
        payloads = Array(each.joined())
        large = isLarge ? frames : []
        small = isLarge ? [] : Array((frames + frames).joined())
    }

    /// Large messages have fewer, and two at least.
    static func variantCount(payloadBytes: Int) -> Int {
        min(variantsMax, max(2, bytesMax / max(payloadBytes, 1)))
    }

    /// The next frames from `variant` on, some of `count` or all.
    func batch(from variant: Int, upTo count: Int) -> Batch {
        guard large.isEmpty else { return .shared(large[variant]) }
        let frameBytes = small.count / (2 * variantCount)
        let taken = min(count, variantCount)
        let start = variant * frameBytes
        return .copied(small[start..<(start + taken * frameBytes)], count: taken)
    }

    /// The variant that comes so many after this one.
    func variant(_ variant: Int, advancedBy count: Int) -> Int {
        let sum = variant + count
        return sum < variantCount ? sum : sum % variantCount
    }

    /// True when `bytes` are what stands at `offset` of this variant's payload.
    func holds(_ bytes: Span<UInt8>, of variant: Int, at offset: Int) -> Bool {
        guard offset + bytes.count <= payloadBytes else { return false }
        let start = variant * payloadBytes + offset
        return payloads.span.extracting(start..<(start + bytes.count)).equals(bytes)
    }

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
