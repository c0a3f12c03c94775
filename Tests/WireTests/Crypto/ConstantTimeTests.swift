import Testing

@testable import Wire

@Suite struct ConstantTimeTests {
    @Test func `equal bytes are equal and one bit makes the difference`() {
        let code = pattern(16)
        #expect(ConstantTime.equal(code, code))
        for bit in 0..<128 {
            var other = code
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!ConstantTime.equal(code, other))
        }
    }

    @Test func `another length is never equal`() {
        #expect(!ConstantTime.equal(pattern(16), pattern(15)))
        #expect(!ConstantTime.equal([], [0]))
        #expect(ConstantTime.equal([], []))
    }

    @Test func `slices are compared by their bytes and not by their places`() {
        #expect(ConstantTime.equal([9, 1, 2][1...], [1, 2, 9][..<2]))
    }
}
