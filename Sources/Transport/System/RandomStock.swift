import CLinux

/// Random words that the kernel has given ahead, because each session takes two: one call for many.
struct RandomStock {
    /// 256 bytes: so many the kernel gives without a break.
    private static let wordsMax = 32

    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty { refill() }
        // Where the kernel has given nothing the standard library asks in its own way.
        guard let word = words.popLast() else {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        }
        return word
    }

    private mutating func refill() {
        words = [UInt64](repeating: 0, count: Self.wordsMax)
        let isWhole = unsafe words.withUnsafeMutableBytes { bytes in
            unsafe getrandom(bytes.baseAddress, bytes.count, 0) == bytes.count
        }
        if !isWhole { words = [] }
    }
}
