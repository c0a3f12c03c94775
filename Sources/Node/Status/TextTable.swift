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
        /// How a cell looks on a terminal with colours.
        var colour: (@Sendable (String) -> TextColour?)?
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    var isEmpty: Bool { rows.isEmpty }

    /// The `cells` are as many as there are columns; none of them moves a terminal's cursor.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells of \(columns.count)")
        rows.append(cells.map(\.printable))
    }

    /// The lines, without spaces at their ends, at most `width` wide if that can be.
    func lines(width: Int, isColoured: Bool = false) -> [String] {
        let widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        let shown = shownColumns(widths, width: width)
        func line(_ cells: [String], _ colour: (Int) -> TextColour?) -> String {
            var line = ""
            // Spaces are owed until something follows, so that there are none at the end.
            var owed = ""
            for column in shown {
                let cell = cells[column]
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isRight = columns[column].alignment == .right
                if isRight { owed += padding }
                if !cell.isEmpty {
                    let colour = isColoured ? colour(column) : nil
                    line += owed + (colour?.painting(cell) ?? cell)
                    owed = ""
                }
                owed += (isRight ? "" : padding) + Self.gap
            }
            return line
        }
        let titles = line(columns.map(\.title)) { _ in .bold }
        return [titles] + rows.map { row in line(row) { columns[$0].colour?(row[$0]) } }
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
}
