package import Primitives

/// An object as the path of a request names it: `/objects/{class}/{name}`, or anything below that.
///
/// Class and name are percent-decoded once.
package struct ObjectPath {
    private static let start = "/objects/"

    /// Nil when it is not percent-encoded UTF-8.
    package let className: String?
    /// The same; nil too when the path has none.
    package let name: String?

    /// Nil when either is missing, or cannot be one.
    package var key: ObjectKey? {
        guard let className, let name else { return nil }
        return ObjectKey(className: className, name: name)
    }

    /// Nil for every other path.
    package init?(_ target: RequestTarget) {
        let start = Self.start.utf8Span.span
        let text = target.raw.utf8Span.span
        let path = text.extracting(target.pathBytes)
        guard path.count >= start.count,
            HTTPCharacters.same(path.extracting(..<start.count), start)
        else { return nil }
        let end = Self.endOfPart(path, from: start.count)
        className = PercentEncoding.decode(path.extracting(start.count..<end))
        guard end < path.count else {
            name = nil
            return
        }
        let next = end + 1
        name = PercentEncoding.decode(path.extracting(next..<Self.endOfPart(path, from: next)))
    }

    private static func endOfPart(_ path: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < path.count, path[end] != RequestTarget.slash { end += 1 }
        return end
    }
}
