import Foundation
import Wire

/// Bytes that must not be seen: a cluster secret or the admin token.
///
/// Nothing that prints or logs a secret shows more than the word for it.
package struct Secret: Hashable, Sendable {
    /// Shorter cluster secrets can be guessed by someone who recorded a handshake.
    package static let byteCountMin = 32
    package static let tokenByteCountMin = 16
    package static let byteCountMax = 1_024

    /// The bytes themselves, for the hash that they are the key of.
    package let bytes: [UInt8]

    /// A cluster secret: base64 of 32 to 1,024 bytes, or a text that long; nil for anything else.
    package init?(_ text: String) {
        let decoded = Data(base64Encoded: text).map { [UInt8]($0) } ?? []
        let bytes = decoded.count >= Self.byteCountMin ? decoded : Array(text.utf8)
        guard (Self.byteCountMin...Self.byteCountMax).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// An admin token: 16 to 1,024 visible ASCII characters, as it stands in a header field.
    package init?(token: String) {
        let bytes = Array(token.utf8)
        guard (Self.tokenByteCountMin...Self.byteCountMax).contains(bytes.count) else { return nil }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.bytes = bytes
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A new cluster secret of 32 bytes from `random`.
    package static func random(using random: inout some RandomNumberGenerator) -> Secret {
        Secret(
            bytes: (0..<byteCountMin).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        )
    }

    /// The secret as `cluster.conf` takes it.
    package var base64: String { Data(bytes).base64EncodedString() }

    /// Whether `other` is this secret, in a time that does not tell how much of it was right.
    package func matches(_ other: [UInt8]) -> Bool {
        ConstantTime.equal(bytes, other)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
