import Primitives
import Testing

@Suite struct SplitMix64Tests {
    /// The first outputs as others publish them: for 0 in the JDK's and Vigna's tests, for
    /// 1,234,567 at Rosetta Code.
    @Test(
        arguments: [
            (
                0,
                [
                    0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F,
                    0xF88B_B8A8_724C_81EC, 0x1B39_896A_51A8_749B,
                ]
            ),
            (
                1_234_567,
                [
                    6_457_827_717_110_365_317, 3_203_168_211_198_807_973,
                    9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
                    16_408_922_859_458_223_821,
                ]
            ),
        ] as [(UInt64, [UInt64])]
    )
    func `a seed gives the published numbers`(seed: UInt64, numbers: [UInt64]) {
        var generator = SplitMix64(seed: seed)
        let drawn = numbers.map { _ in generator.next() }
        #expect(drawn == numbers)
    }

    @Test func `the finaliser is the last step of a number`() {
        var generator = SplitMix64(seed: 42)
        let drawn = generator.next()
        #expect(drawn == SplitMix64.mix(42 &+ 0x9E37_79B9_7F4A_7C15))
        #expect(SplitMix64.mix(0) == 0)
    }

    @Test func `a copy goes its own way from the same place`() {
        var one = SplitMix64(seed: 7)
        _ = one.next()
        var other = one
        let drawn = [one.next(), other.next()]
        #expect(drawn[0] == drawn[1])
    }
}
