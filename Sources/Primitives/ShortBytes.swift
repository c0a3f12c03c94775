/// Up to 16 bytes in two registers, such as the header of a frame.
package struct ShortBytes: Equatable, Sendable {
    package static let countMax = 16

    /// The first byte is the highest one of `first`; behind the last one are zeros.
    private var (first, second): (UInt64, UInt64) = (0, 0)
    package private(set) var count = 0

    package init() {}

    /// All sixteen, big-endian.
    init(_ bytes: UInt128) {
        first = UInt64(truncatingIfNeeded: bytes >> 64)
        second = UInt64(truncatingIfNeeded: bytes)
        count = Self.countMax
    }

    /// Appends a big-endian field.
    ///
    /// More than 16 bytes in all is our own bug. Where it is called it is known how many there are, and
    /// little is left of it.
    @inline(__always)
    package mutating func append(_ field: UInt8) { append(UInt64(field), byteCount: 1) }
    @inline(__always)
    package mutating func append(_ field: UInt16) { append(UInt64(field), byteCount: 2) }
    @inline(__always)
    package mutating func append(_ field: UInt32) { append(UInt64(field), byteCount: 4) }
    @inline(__always)
    package mutating func append(_ field: UInt64) { append(field, byteCount: 8) }

    @inline(__always)
    private mutating func append(_ field: UInt64, byteCount: Int) {
        count += byteCount
        precondition(count <= Self.countMax, "\(count) bytes")
        let end = UInt64(count * 8)
        if end <= 64 {
            first |= field &<< (64 - end)
        } else {
            second |= field &<< (128 - end)
            if end < 128 { first |= field &>> (end - 64) }
        }
    }

    /// Writes all 16 to `target`, which has room for them.
    fileprivate func write(to target: UnsafeMutableRawBufferPointer) {
        unsafe target.storeBytes(of: first.bigEndian, as: UInt64.self)
        unsafe target.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
}

extension [UInt8] {
    /// Appends `head` and what is behind it, in one step.
    @inline(__always)
    package mutating func append(_ head: ShortBytes, _ rest: Span<UInt8>) {
        append(addingCapacity: ShortBytes.countMax + rest.count) { added in
            unsafe added.withUnsafeMutableBufferPointer { buffer, initializedCount in
                let target = UnsafeMutableRawBufferPointer(buffer)
                // The rest is written over what the head does not have.
                unsafe head.write(to: target)
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[head.count...])
                unsafe rest.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
                initializedCount = head.count + rest.count
            }
        }
    }
}
