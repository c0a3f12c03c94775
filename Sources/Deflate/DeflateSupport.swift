/// Whether this build can compress, and what that costs.
///
/// Compression needs the system's zlib, so it is there only in a build with the package's trait
/// `Compression`. Without it `Inflater` and `Deflater` are types of which no value can be made.
package enum DeflateSupport {
    #if Compression
    package static let isBuiltIn = true
    #else
    package static let isBuiltIn = false
    #endif

    /// The bytes that a `Deflater` has in memory: zlib's two windows, hash table and queue.
    package static func deflaterBytes(windowBits: Int) -> Int {
        (1 << (windowBits + 2)) + (1 << (memoryLevel(windowBits) + 9)) + (6 << 10)
    }

    /// The bytes that an `Inflater` has in memory: zlib's window and tables.
    package static func inflaterBytes(windowBits: Int) -> Int { (1 << windowBits) + (10 << 10) }

    /// zlib's own default for its largest window, and as much less for a smaller one.
    static func memoryLevel(_ windowBits: Int) -> Int { windowBits - 7 }
}

/// Why a compressed message was not taken.
package enum InflateError: Error, Equatable {
    /// It is not in the DEFLATE format (RFC 1951), or there was no memory for it.
    case invalid
    /// It would become longer than it may be.
    case tooLong
}
