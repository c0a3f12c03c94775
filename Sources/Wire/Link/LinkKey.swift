import Primitives

/// The key in front of a message that may take the place of an earlier one with the same key.
package enum LinkKey {
    /// What a key adds to its message.
    package static func byteCount(_ key: String) -> Int { 1 + key.utf8.count }

    /// The key as it stands in front of a message; at most `SendQueue.keyBytesMax` bytes of text.
    static func encode(_ key: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeText8(key)
        return writer.take()
    }

    /// A message without the key in front of it, and that.
    static func split(_ payload: [UInt8]) throws(ByteError) -> (key: String, message: [UInt8]) {
        var reader = ByteReader(payload)
        let key = try reader.text8()
        return (key, reader.rest())
    }
}
