import Primitives

extension ShortBytes {
    /// These bytes.
    init(_ bytes: UInt8...) {
        self.init()
        for byte in bytes { append(byte) }
    }
}
