import Testing

@testable import Node

@Suite struct HumanUnitsTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"),
        (-999, "-999"), (-1_000, "-1,000"),
    ])
    func `counts have commas`(value: Int, text: String) {
        #expect(HumanUnits.count(value) == text)
    }

    @Test(
        arguments: [
            (0, "0s"), (59.9, "59s"), (60, "1m 0s"), (3_599, "59m 59s"), (3_600, "1h 0m"),
            (86_399, "23h 59m"), (86_400, "1d 0h"), (1_000_000, "11d 13h"), (-5, "0s"),
            (.nan, "0s"),
            (.infinity, "0s"), (1e300, "462962d 23h"),
        ] as [(Double, String)]
    )
    func `durations have two units`(seconds: Double, text: String) {
        #expect(HumanUnits.duration(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            (0, "0.00 ms"), (0.416, "0.42 ms"), (1, "1.0 ms"), (9.94, "9.9 ms"), (12.4, "12 ms"),
        ] as [(Double, String)]
    )
    func `round trips have as many digits as matter`(value: Double, text: String) {
        #expect(HumanUnits.milliseconds(value) == text)
    }
}
