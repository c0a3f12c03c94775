/// How a part of a text looks on a terminal (ECMA-48, SGR).
enum TextColour: Int {
    case bold = 1
    case faint = 2
    case red = 31
    case green = 32
    case yellow = 33

    func painting(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }

    /// What the state of an object or a member is worth.
    static func ofState(_ word: String) -> TextColour? {
        switch word.prefix(while: { $0.isLetter }) {
        case "live", "alive": .green
        case "hibernated", "idle", "left": .faint
        case "moving", "suspect": .yellow
        case "frozen", "unknown", "dead": .red
        default: nil
        }
    }
}
