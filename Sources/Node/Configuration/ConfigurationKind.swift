import Foundation
import Primitives

/// How the values of one kind are written in the configuration.
struct ConfigurationKind<Value: Sendable>: Sendable {
    /// What a good value is, to end the sentence "expected …".
    let expected: String
    /// True when an error must not repeat the value.
    var isSecret = false
    /// The value of a text; nil when it is none of this kind.
    let parse: @Sendable (String) -> Value?
    /// The text that `parse` would read as this value.
    let format: @Sendable (Value) -> String
}

/// A number with a unit behind it, in units of the smallest one.
private struct Unit: Sendable {
    let name: String
    let size: Int

    static let bytes = [
        Unit(name: "GiB", size: 1 << 30), Unit(name: "MiB", size: 1 << 20),
        Unit(name: "KiB", size: 1 << 10), Unit(name: "", size: 1),
    ]
    static let milliseconds = [
        Unit(name: "m", size: 60_000), Unit(name: "s", size: 1_000), Unit(name: "ms", size: 1),
    ]

    /// Plain digits and the name of a unit; nil for anything else, and for what does not fit.
    static func parse(_ text: String, _ units: [Unit]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = text.dropFirst(digits.count)
        guard let number = Int(digits), let unit = units.first(where: { $0.name == name })
        else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit.size)
        return overflow ? nil : value
    }

    /// In the largest unit that leaves a whole number; `units` are sorted, the largest first.
    static func format(_ value: Int, _ units: [Unit]) -> String {
        guard value > 0, let unit = units.first(where: { value.isMultiple(of: $0.size) })
        else { return "\(value)\(units.last?.name ?? "")" }
        return "\(value / unit.size)\(unit.name)"
    }
}

extension ConfigurationKind where Value: FixedWidthInteger {
    static func count(_ range: ClosedRange<Value>) -> Self {
        Self(
            expected: "a number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in
                guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
                return Value(text).flatMap { range.contains($0) ? $0 : nil }
            },
            format: { "\($0)" }
        )
    }
}

extension ConfigurationKind where Value == Int {
    static func size(_ range: ClosedRange<Int>) -> Self {
        let low = Unit.format(range.lowerBound, Unit.bytes)
        let high = Unit.format(range.upperBound, Unit.bytes)
        return Self(
            expected: "a size from \(low) to \(high), such as 512, 64KiB or 1MiB",
            parse: { text in
                Unit.parse(text, Unit.bytes).flatMap { range.contains($0) ? $0 : nil }
            },
            format: { Unit.format($0, Unit.bytes) }
        )
    }
}

extension ConfigurationKind where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let format: @Sendable (Duration) -> String = { duration in
            Unit.format(Int(duration.milliseconds), Unit.milliseconds)
        }
        let (low, high) = (format(range.lowerBound), format(range.upperBound))
        return Self(
            expected: "a duration from \(low) to \(high), such as 500ms, 2s or 1m",
            parse: { text in
                Unit.parse(text, Unit.milliseconds)
                    .map { Duration.milliseconds($0) }
                    .flatMap { range.contains($0) ? $0 : nil }
            },
            format: format
        )
    }
}

extension ConfigurationKind where Value == SocketAddress {
    static var address: Self {
        Self(
            expected: "an IP address and a port, such as 127.0.0.1:7001 or [::1]:7001",
            parse: { SocketAddress($0) },
            format: \.description
        )
    }
}

extension ConfigurationKind where Value == String {
    /// A name that is safe in a metric, a log line and a datagram.
    static var name: Self {
        Self(
            expected: "1 to 64 characters of A-Z a-z 0-9 . _ -",
            parse: { NodeID($0)?.name },
            format: { $0 }
        )
    }

    static var path: Self {
        Self(
            expected: "a path of at most 4096 bytes, or nothing",
            parse: { $0.utf8.count <= 4_096 ? $0 : nil },
            format: { $0 }
        )
    }
}

extension ConfigurationKind where Value: CaseIterable {
    static func word(_ name: @escaping @Sendable (Value) -> String) -> Self {
        Self(
            expected: "one of " + Value.allCases.map(name).joined(separator: ", "),
            parse: { text in Value.allCases.first { name($0) == text } },
            format: name
        )
    }
}

extension ConfigurationKind {
    /// The same kind, or nothing at all.
    static func optional<Wrapped>(_ kind: ConfigurationKind<Wrapped>) -> Self
    where Value == Wrapped? {
        Self(
            expected: kind.expected + ", or nothing",
            isSecret: kind.isSecret,
            parse: { text in
                guard !text.isEmpty else { return .some(nil) }
                return kind.parse(text).map(Optional.some)
            },
            format: { $0.map(kind.format) ?? "" }
        )
    }

    /// Values of the same kind with commas between them, or nothing.
    static func list<Element>(_ kind: ConfigurationKind<Element>) -> Self
    where Value == [Element] {
        Self(
            expected: "a list with commas of: " + kind.expected,
            isSecret: kind.isSecret,
            parse: { text in
                guard !text.isEmpty else { return [] }
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                guard parts.count <= ConfigurationFile.listCountMax else { return nil }
                let values = parts.map { kind.parse($0.trimmingCharacters(in: .whitespaces)) }
                return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
            },
            format: { $0.map(kind.format).joined(separator: ", ") }
        )
    }
}

extension ConfigurationKind where Value == LogLevels {
    static var logLevels: Self {
        Self(
            expected: "one of " + LogLevel.allCases.map(\.name).joined(separator: ", ")
                + ", and after commas others for parts, such as link=debug",
            parse: { LogLevels($0) },
            format: \.description
        )
    }
}

extension ConfigurationKind where Value == NodeID {
    static var nodeID: Self {
        Self(
            expected: ConfigurationKind<String>.name.expected,
            parse: { NodeID($0) },
            format: \.name
        )
    }
}

extension ConfigurationKind where Value == SeedAddress {
    static var seed: Self {
        Self(
            expected: "a host and a port, such as 10.0.0.1:7001, [fd00::1]:7001 or node-1:7001",
            parse: { SeedAddress($0) },
            format: \.description
        )
    }
}

extension ConfigurationKind where Value == AllowedOrigin {
    static var origin: Self {
        Self(
            expected: "an origin such as https://example.com, or null, or * for any",
            parse: { AllowedOrigin($0) },
            format: \.description
        )
    }
}

extension ConfigurationKind where Value == Bool {
    static var flag: Self {
        Self(
            expected: "true or false",
            parse: { Bool($0) },
            format: { "\($0)" }
        )
    }
}

extension ConfigurationKind where Value == Secret {
    static var secret: Self {
        Self(
            expected: "a secret of at least 32 bytes (`\(ProgramName.current) secret` makes one)",
            isSecret: true,
            parse: { Secret($0) },
            format: \.description
        )
    }

    static var token: Self {
        Self(
            expected:
                "16 to 1024 visible ASCII characters (`\(ProgramName.current) secret` makes some)",
            isSecret: true,
            parse: { Secret(token: $0) },
            format: \.description
        )
    }
}
