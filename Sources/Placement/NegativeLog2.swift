/// The negative binary logarithm of a fraction, in integers only.
///
/// Every node must compute the same owners, whatever its build and processor, so there is no
/// floating point and no library function here, not even to make the table.
enum NegativeLog2 {
    /// log2(1 + i / 256) for i in 0...256, in units of 2^-32, rounded down.
    static let table: [UInt64] = (0...256).map { step in logarithm(of: step) }

    /// -log2(fraction / 2^64) in units of 2^-32, at most 2^38; a fraction of 0 counts as 1.
    ///
    /// Between the steps of the table the logarithm is a straight line. That lies below the curve,
    /// so the result is never less than the true value.
    @inline(__always)
    static func of(_ fraction: UInt64, table: [UInt64]) -> UInt64 {
        let fraction = fraction | (fraction == 0 ? 1 : 0)
        let zeros = UInt64(truncatingIfNeeded: fraction.leadingZeroBitCount)
        // What is behind the leading one: eight bits of step, then the way to the next step.
        let mantissa = (fraction << zeros) << 1
        let step = Int(truncatingIfNeeded: mantissa >> 56)
        let rest = (mantissa << 8) >> 32
        let low = table[step]
        let rise = ((table[step + 1] &- low) &* rest) >> 32
        return (zeros &+ 1) << 32 &- low &- rise
    }

    /// One bit at a time: squaring doubles the logarithm, and a square of 2 or more is a 1 bit.
    private static func logarithm(of step: UInt64) -> UInt64 {
        guard step < 256 else { return 1 << 32 }
        // A number from 1 to 2, in units of 2^-63.
        var number = (256 + step) << 55
        var bits: UInt64 = 0
        for _ in 0..<32 {
            let square = number.multipliedFullWidth(by: number).high
            let isTwoOrMore = square >> 63 == 1
            bits = bits << 1 | (isTwoOrMore ? 1 : 0)
            number = isTwoOrMore ? square : square << 1
        }
        return bits
    }
}
