import Primitives

/// Received bytes that are not consumed yet, with a place to go on searching for a line end.
struct InputBuffer: Sendable {
    enum Line {
        /// A line without its line break.
        case whole(ArraySlice<UInt8>)
        /// No line break inside the limit; what is there of the line.
        case tooLong(ArraySlice<UInt8>)
        case incomplete
    }

    /// A connection with nothing to read keeps no more memory than this.
    private static let idleBytesMax = 4_096

    private var bytes: [UInt8] = []
    private var position = 0
    /// No line feed is between `position` and here.
    private var searched = 0

    var count: Int { bytes.count - position }
    var isEmpty: Bool { position == bytes.count }

    mutating func append(_ span: Span<UInt8>) {
        dropConsumed()
        bytes.append(copying: span)
    }

    /// The next line, if all of it is here; `limit` counts its line break.
    mutating func line(limit: Int) throws(HTTPError) -> Line {
        let end = min(bytes.count, position + max(limit, 0))
        searched = HTTPCharacters.firstLineFeed(in: bytes.span, from: searched, before: end)
        guard searched < end else {
            return count >= limit ? .tooLong(bytes[position...]) : .incomplete
        }
        guard searched > position, bytes[searched - 1] == HTTPCharacters.carriageReturn
        else { throw .bareLineFeed }
        let line = bytes[position..<(searched - 1)]
        consume(searched + 1 - position)
        return .whole(line)
    }

    /// Takes out up to `countMax` bytes; without a copy when that is all there is.
    mutating func take(_ countMax: Int) -> [UInt8] {
        guard position > 0 || bytes.count > countMax else {
            let taken = bytes
            self = InputBuffer()
            return taken
        }
        let taken = [UInt8](bytes[position..<(position + min(countMax, count))])
        consume(taken.count)
        return taken
    }

    private mutating func consume(_ count: Int) {
        position += count
        searched = position
        if isEmpty, bytes.capacity > Self.idleBytesMax { self = InputBuffer() }
    }

    private mutating func dropConsumed() {
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
        } else if position > 0 {
            bytes.removeSubrange(..<position)
        }
        searched -= position
        position = 0
    }
}
