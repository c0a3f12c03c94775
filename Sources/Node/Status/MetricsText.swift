import Primitives

/// Writes metrics as Prometheus reads them: its text format, version 0.0.4.
///
/// Names and help texts are our own words; the values of labels may be anything.
struct MetricsText {
    enum Kind: String {
        /// Only grows, until the process starts anew; its name ends in `_total`.
        case counter
        case gauge
        /// Its samples end in `_bucket`, `_sum` and `_count`.
        case histogram
    }

    /// What the body is sent as.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Begins a metric, whose samples follow.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(
        _ name: String,
        _ labels: KeyValuePairs<String, String>,
        _ value: some CustomStringConvertible
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// A histogram without labels, in seconds.
    mutating func histogram(_ name: String, _ help: String, _ times: DurationHistogram) {
        begin(name, .histogram, help)
        var count: UInt64 = 0
        for (bound, more) in zip(DurationHistogram.bounds, times.counts) {
            count &+= more
            sample("\(name)_bucket", ["le": "\(bound.inSeconds)"], count)
        }
        sample("\(name)_bucket", ["le": "+Inf"], times.count)
        sample("\(name)_sum", [:], times.sum.inSeconds)
        sample("\(name)_count", [:], times.count)
    }

    /// A metric of one sample.
    mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        begin(name, .gauge, help)
        sample(name, [:], value)
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
