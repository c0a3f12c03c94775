extension String {
    /// For a terminal: names come from clients and other nodes, and none of them may move its
    /// cursor.
    var printable: String {
        let shown = unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        return String(String.UnicodeScalarView(shown))
    }
}
