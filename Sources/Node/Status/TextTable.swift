/// Rows under titles, in columns as wide as they need to be.
///
/// When all columns together are wider than the screen, those that matter least are left out.
struct TextTable {
    enum Alignment {
        case left
        /// For numbers.
        case right
    }

    struct Column {
        let title: String
        var alignment = Alignment.left
        /// The columns with the lowest one go first when there is no room; those of equal
        /// importance from the right.
        var importance = 0
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    var isEmpty: Bool { rows.isEmpty }

    /// The `cells` are as many as there are columns.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells of \(columns.count)")
        rows.append(cells)
    }

    /// The lines, without spaces at their ends, at most `width` wide if that can be.
    func lines(width: Int) -> [String] {
        let widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        let shown = shownColumns(widths, width: width)
        return ([columns.map(\.title)] + rows).map { cells in
            let line = shown.map { column in
                pad(cells[column], to: widths[column], columns[column].alignment)
            }.joined(separator: Self.gap)
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static let gap = "  "

    private func shownColumns(_ widths: [Int], width: Int) -> [Int] {
        var shown = Array(columns.indices)
        let leaving = shown.sorted { first, second in
            (columns[first].importance, second) < (columns[second].importance, first)
        }
        var total = widths.reduce(0, +) + Self.gap.count * (shown.count - 1)
        for column in leaving.dropLast() where total > width {
            shown.removeAll { $0 == column }
            total -= widths[column] + Self.gap.count
        }
        return shown
    }

    private func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
        let spaces = String(repeating: " ", count: max(0, width - cell.count))
        return switch alignment {
        case .left: cell + spaces
        case .right: spaces + cell
        }
    }
}
