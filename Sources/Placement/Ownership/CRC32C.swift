/// The Castagnoli checksum (RFC 3720 section 12.1), for what is written to disk.
package enum CRC32C {
    /// The checksum of `bytes`; of none of them, zero.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (sum >> 8) ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0x82F6_3B78
        }
    }
}
