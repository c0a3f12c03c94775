/// The message authentication code HMAC-SHA256 (RFC 2104, RFC 4231) under one prepared key.
///
/// The two blocks that depend on the key alone are hashed once, here, and not for every message.
package struct HMACSHA256: Sendable {
    package static let byteCount = SHA256.digestByteCount

    private let inner: SHA256
    private let outer: SHA256

    /// Any length of key works; one longer than a block (64 bytes) counts by its hash.
    package init(key: [UInt8]) {
        var block = key.count > SHA256.blockByteCount ? SHA256.hash(key) : key
        block += Array(repeating: 0, count: SHA256.blockByteCount - block.count)
        var inner = SHA256()
        var outer = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        outer.update(block.map { $0 ^ 0x5C })
        self.inner = inner
        self.outer = outer
    }

    /// The code of `message`, 32 bytes.
    package func authenticate(_ message: [UInt8]) -> [UInt8] { authenticate(message.span) }
    package func authenticate(_ message: ArraySlice<UInt8>) -> [UInt8] {
        authenticate(message.span)
    }

    package func authenticate(_ message: Span<UInt8>) -> [UInt8] {
        var hash = inner
        hash.update(message)
        var result = outer
        result.update(hash.finalize())
        return result.finalize()
    }

    /// The code of one `message` under a `key` that is not used again.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACSHA256(key: key).authenticate(message)
    }
}
