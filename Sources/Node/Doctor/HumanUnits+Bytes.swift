import Foundation

extension HumanUnits {
    /// `512 B`, `64.0 KiB`, `1.5 GiB`.
    static func bytes(_ value: Int) -> String {
        var (number, unit) = (Double(value), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while number >= 1_024, unit < units.count - 1 {
            (number, unit) = (number / 1_024, unit + 1)
        }
        return String(format: unit == 0 ? "%.0f %@" : "%.1f %@", number, units[unit])
    }
}
