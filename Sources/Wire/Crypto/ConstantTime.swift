/// Comparisons whose duration says nothing about the bytes.
package enum ConstantTime {
    /// True when both have the same bytes.
    ///
    /// The time depends on the lengths alone, so whoever guesses a code byte by byte learns
    /// nothing from how quickly a wrong one was refused.
    package static func equal(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(first, second) { difference |= one ^ other }
        return difference == 0
    }

    package static func equal(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        equal(first[...], second[...])
    }
}
