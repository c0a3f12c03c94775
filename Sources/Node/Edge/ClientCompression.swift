import Deflate
import Wire

/// The compression of one client's messages, both ways, as it was agreed.
///
/// Lives on the loop of its session. Its share of the node's memory comes back when it is let go of.
final class ClientCompression: MessageInflater {
    let terms: DeflateTerms
    private let shared: LoopCompression
    private let bytes: Int
    /// For a client whose messages refer to earlier ones.
    private let inflater: Inflater?
    /// For messages that refer to earlier ones.
    private let deflater: Deflater?

    /// Takes over `bytes` of the node's budget; nil, and they are given back, without memory.
    init?(_ terms: DeflateTerms, bytes: Int, shared: LoopCompression) {
        self.terms = terms
        self.shared = shared
        self.bytes = bytes
        inflater =
            terms.clientKeepsContext ? Inflater(windowBits: terms.clientWindowBits) : nil
        deflater =
            terms.serverKeepsContext
            ? Deflater(windowBits: terms.serverWindowBits, level: shared.settings.level) : nil
        guard (inflater != nil) == terms.clientKeepsContext,
            (deflater != nil) == terms.serverKeepsContext
        else { return nil }
    }

    deinit { shared.settings.budget.give(bytes) }

    /// The message behind `payload`: at most `limit` bytes, and at most 1,000 times its length.
    func inflate(_ payload: [UInt8], limit: Int) throws(FrameError) -> [UInt8] {
        let (most, overflow) = payload.count.multipliedReportingOverflow(
            by: CompressionSettings.inflationMax
        )
        let limit = overflow ? limit : min(limit, most)
        do throws(InflateError) {
            guard let inflater else { return try shared.inflate(payload, limit: limit) }
            return try inflater.inflate(payload, limit: limit)
        } catch {
            switch error {
            case .invalid: throw .invalidCompression
            case .tooLong: throw .inflatedTooMuch(limit: limit)
            }
        }
    }

    /// What is to be sent in the place of an encoded frame, which must be the next one sent.
    func frame(for frame: [UInt8]) -> [UInt8] {
        let settings = shared.settings
        let count = frame.count - FrameWriter.payloadStart(of: frame)
        guard count >= settings.messageBytesMin, count <= CompressionSettings.messageBytesMax
        else { return frame }
        guard let deflater else {
            return shared.compressed(frame, windowBits: terms.serverWindowBits)
        }
        return FrameWriter.compressed(frame) { deflater.deflate($0) }
    }
}
