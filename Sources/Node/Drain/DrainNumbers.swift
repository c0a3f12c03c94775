import Primitives

/// What a drain is to be like, as people write it: on the command line, and in a request.
package struct DrainNumbers: Equatable, Sendable {
    /// `500` or `500/s`: clients that are sent away in a second.
    package var rate: String?
    /// `10s`: how long the node serves on, so that balancers notice.
    package var grace: String?
    /// `5m`: how long all of it may take.
    package var deadline: String?

    package init(rate: String? = nil, grace: String? = nil, deadline: String? = nil) {
        self.rate = rate
        self.grace = grace
        self.deadline = deadline
    }

    func request(_ action: ServiceRequest.Action) throws(DrainNumberError) -> ServiceRequest {
        var request = ServiceRequest(action)
        request.rate = try rate.map { text throws(DrainNumberError) in
            let digits = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
            guard let rate = Int(digits), DrainPlan.rates.contains(rate) else {
                let expected = "clients a second, \(Self.text(of: DrainPlan.rates)), such as 500/s"
                throw DrainNumberError(name: "rate", text: text, expected: expected)
            }
            return rate
        }
        request.graceMilliseconds = try milliseconds(grace, "grace", DrainPlan.graces)
        request.timeMilliseconds = try milliseconds(deadline, "deadline", DrainPlan.times)
        return request
    }

    private static func text(of range: ClosedRange<Int>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }

    private func milliseconds(
        _ text: String?,
        _ name: String,
        _ range: ClosedRange<Duration>
    ) throws(DrainNumberError) -> Int64? {
        guard let text else { return nil }
        let kind = ConfigurationKind.duration(range)
        guard let duration = kind.parse(text) else {
            throw DrainNumberError(name: name, text: text, expected: kind.expected)
        }
        return duration.milliseconds
    }
}

/// A number that no drain can have.
package struct DrainNumberError: Error, Equatable, CustomStringConvertible {
    package let name: String
    package let text: String
    package let expected: String

    package var description: String { "\(name) \(text): expected \(expected)".printable }
}
