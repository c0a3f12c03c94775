/// The natural logarithm of `value`, which must be finite and positive.
///
/// The pure targets have no mathematics library, and two nodes must come to the same number. With
/// `value = m * 2^e`, it is `e * ln 2 + 2 artanh((m - 1) / (m + 1))`, exact to about 1e-13.
func naturalLogarithm(of value: Double) -> Double {
    let ratio = (value.significand - 1) / (value.significand + 1)
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    for denominator in stride(from: 1.0, through: 25, by: 2) {
        sum += power / denominator
        power *= square
    }
    return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * sum
}

/// How the settings grow with the number of live members, this node included.
extension SwimSettings {
    /// How often one piece of news is sent in all: `factor * ceil(log10(members + 1))`.
    package func retransmits(liveCount: Int) -> Int {
        // ceil(log10(n + 1)) is the number of decimal digits of n.
        var digits = 1
        var rest = liveCount / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        return retransmitFactor * digits
    }

    /// Up to 32 members the plain interval, then once more for each begun doubling.
    package func exchangeInterval(liveCount: Int) -> Duration {
        var factor = 1
        var reach = 32
        while reach < liveCount {
            factor += 1
            reach *= 2
        }
        return exchangeInterval * factor
    }
}
