import Deflate
import Primitives
import Wire

/// What the connections of one loop share: the work on messages that stand for themselves.
///
/// Lives on its loop. Its memory does not grow with the connections: at most one inflater, and one
/// deflater for each size of window.
final class LoopCompression {
    let settings: CompressionSettings
    /// With the largest window, which is right for every client.
    private let inflater: Inflater
    private var deflaters: [Int: Deflater] = [:]
    private var last: [Int: Compressed] = [:]

    /// A frame and its compressed form.
    private struct Compressed {
        let frame: [UInt8]
        let result: [UInt8]
    }

    /// Nil when there is no memory, or no compression in this build.
    init?(_ settings: CompressionSettings) {
        guard let inflater = Inflater(windowBits: 15) else { return nil }
        self.settings = settings
        self.inflater = inflater
    }

    /// What is agreed with a client that makes these offers; nil when there is no compression.
    ///
    /// Contexts that do not fit into the memory of the connection or of the node are not kept: first
    /// ours, which is the larger one, then the client's too. That the node has none left is counted.
    func agree(on offers: [ExtensionOffer], tally: inout Tally) -> ClientCompression? {
        guard
            let best = DeflateTerms(answering: offers, windowBitsMax: settings.windowBitsMax),
            deflater(windowBits: best.serverWindowBits) != nil
        else { return nil }
        for (server, client) in [(true, true), (false, true), (false, false)] {
            let terms = best.keeping(server: server, client: client)
            let bytes = terms.keptBytes
            guard bytes <= settings.connectionBytesMax else { continue }
            guard settings.budget.take(bytes) else {
                tally.count("compression_memory")
                continue
            }
            if let agreed = ClientCompression(terms, bytes: bytes, shared: self) { return agreed }
        }
        return nil
    }

    /// Undoes the compression of a message that stands for itself.
    func inflate(_ payload: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
        inflater.forget()
        return try inflater.inflate(payload, limit: limit)
    }

    /// The compressed form of a frame whose message stands for itself, or the frame when that is no
    /// longer.
    ///
    /// One frame that goes to many clients is compressed once.
    func compressed(_ frame: [UInt8], windowBits: Int) -> [UInt8] {
        if let last = last[windowBits], last.frame.isSame(as: frame) { return last.result }
        guard let deflater = deflater(windowBits: windowBits) else { return frame }
        deflater.forget()
        let compressed = FrameWriter.compressed(frame) { deflater.deflate($0) }
        let result = compressed.count < frame.count ? compressed : frame
        last[windowBits] = Compressed(frame: frame, result: result)
        return result
    }

    /// Lets go of the last message; to be called about once a second.
    func forgetLast() { if !last.isEmpty { last.removeAll(keepingCapacity: true) } }

    private func deflater(windowBits: Int) -> Deflater? {
        if let deflater = deflaters[windowBits] { return deflater }
        let deflater = Deflater(windowBits: windowBits, level: settings.level)
        deflaters[windowBits] = deflater
        return deflater
    }
}

extension [UInt8] {
    /// True when both are one array in memory; false says nothing.
    fileprivate func isSame(as other: [UInt8]) -> Bool {
        unsafe withUnsafeBufferPointer { own in
            unsafe other.withUnsafeBufferPointer { unsafe own.baseAddress == $0.baseAddress }
                && own.count == other.count
        }
    }
}
