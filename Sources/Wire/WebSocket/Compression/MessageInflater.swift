/// Undoes the compression of a client's messages, one after the other.
///
/// The algorithm is not of this target, which is pure.
package protocol MessageInflater: AnyObject {
    /// The message of which `payload` is the compressed form, with at most `limit` bytes.
    ///
    /// Throws `invalidCompression` or `inflatedTooMuch`, and is of no use after that.
    func inflate(_ payload: [UInt8], limit: Int) throws(FrameError) -> [UInt8]
}
