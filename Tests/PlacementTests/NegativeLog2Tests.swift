import Foundation
import Primitives
import Testing

@testable import Placement

@Suite struct NegativeLog2Tests {
    private func value(_ fraction: UInt64) -> UInt64 {
        NegativeLog2.of(fraction, table: NegativeLog2.table)
    }

    @Test func `the table holds the binary logarithms from 1 to 2`() {
        #expect(NegativeLog2.table.count == 257)
        #expect(NegativeLog2.table[0] == 0)
        #expect(NegativeLog2.table[128] == 2_512_394_809)
        #expect(NegativeLog2.table[256] == 1 << 32)
        for (step, entry) in NegativeLog2.table.enumerated() {
            let exact = log2(1 + Double(step) / 256) * 0x1p32
            #expect(abs(Double(entry) - exact) < 2, "log2(1 + \(step)/256)")
        }
    }

    @Test(arguments: 0..<64)
    func `a power of two is exact`(bit: Int) {
        #expect(value(1 << UInt64(bit)) == UInt64(64 - bit) << 32)
    }

    @Test func `nothing is taken for one part in 2 to the 64`() {
        #expect(value(0) == 64 << 32)
        #expect(value(0) == value(1))
    }

    @Test func `random fractions are within three millionths, and never below the line`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            let fraction = max(1, random.next() >> (random.next() % 60))
            let exact = -log2(Double(fraction) * 0x1p-64)
            #expect(abs(Double(value(fraction)) * 0x1p-32 - exact) < 3e-6, "\(fraction)")
            #expect(value(fraction) >= ~fraction >> 32, "\(fraction)")
        }
    }

    @Test func `a larger fraction never costs more`() {
        var random = SplitMix64(seed: 8)
        let fractions = (0..<2_000).map { _ in random.next() }.sorted()
        let values = fractions.map(value)
        #expect(values == values.sorted(by: >))
    }
}
