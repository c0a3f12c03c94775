/// Finds the name that someone meant who wrote another.
package enum NearestName {
    /// The one of `names` nearest to `written`; nil when none is near enough to be meant.
    ///
    /// Near is at most a third of the letters wrong, or the right last part (`header_bytes` for
    /// `limit.header_bytes`). Of equally near ones the first in `names` wins.
    package static func nearest(to written: String, in names: [String]) -> String? {
        if let whole = names.first(where: { $0.hasSuffix("." + written) }) { return whole }
        let near = names.map { (name: $0, distance: distance(from: written, to: $0)) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= max(2, near.name.count / 3) else { return nil }
        return near.name
    }

    /// How many letters to insert, remove or replace (Levenshtein 1966).
    static func distance(from source: String, to target: String) -> Int {
        let target = Array(target)
        var previous = Array(0...target.count)
        for (row, letter) in source.prefix(64).enumerated() {
            var current = [row + 1]
            for (column, other) in target.enumerated() {
                let replaced = previous[column] + (letter == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[target.count]
    }
}
