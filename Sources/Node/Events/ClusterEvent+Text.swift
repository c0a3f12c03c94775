extension ClusterEvent {
    /// A line of `rook events`: time, kind and sentence.
    package func line(isColoured: Bool) -> String {
        let word = kind.printable
        let column = word + String(repeating: " ", count: max(0, 12 - word.count))
        let eyes = node == seenBy ? "" : "  (seen by \(seenBy))"
        let colour: TextColour? =
            switch level {
            case .notice: nil
            case .warning: .yellow
            case .error: .red
            }
        let painted = isColoured ? colour?.painting(column) ?? column : column
        return "\(time.printable)  \(painted)  \("\(text)\(eyes)".printable)"
    }
}
