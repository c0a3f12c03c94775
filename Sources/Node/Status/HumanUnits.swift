import Foundation

/// Numbers as people read them.
enum HumanUnits {
    /// `1,204,310`.
    static func count(_ value: some BinaryInteger) -> String {
        let digits = String(value)
        var text = ""
        for (index, digit) in digits.enumerated() {
            let left = digits.count - index
            if left.isMultiple(of: 3), index > 0, digits.first != "-" || index > 1 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 member`, `1,204 members`.
    static func plural(_ count: Int, _ word: String) -> String {
        "\(self.count(count)) \(word)\(count == 1 ? "" : "s")"
    }

    /// The two largest units: `3d 4h`, `2h 13m`, `5m 2s`, `45s`.
    static func duration(seconds: Double) -> String {
        // A report may say anything; what is beyond a thousand years is not more precise.
        let total = seconds.isFinite ? Int(min(max(seconds, 0), 4e10)) : 0
        let (minutes, hours, days) = (total / 60, total / 3_600, total / 86_400)
        if days > 0 { return "\(days)d \(hours % 24)h" }
        if hours > 0 { return "\(hours)h \(minutes % 60)m" }
        if minutes > 0 { return "\(minutes)m \(total % 60)s" }
        return "\(total)s"
    }

    /// `0.42 ms`, `3.1 ms`, `120 ms`.
    static func milliseconds(_ value: Double) -> String {
        let format = value < 1 ? "%.2f ms" : value < 10 ? "%.1f ms" : "%.0f ms"
        return String(format: format, value)
    }

    /// `1.9 s`, of what is left.
    static func seconds(milliseconds: Int) -> String {
        String(format: "%.1f s", Double(max(milliseconds, 0)) / 1_000)
    }
}
