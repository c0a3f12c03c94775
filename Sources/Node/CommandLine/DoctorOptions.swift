/// Which node to look into, and how to tell of it.
package struct DoctorOptions: Equatable, Sendable {
    /// The configuration file; nil is the defaults.
    package var configurationPath: String?
    /// Each `key=value`, in order; they win over the file.
    package var overrides: [String] = []
    /// All findings in one line of JSON, and no table.
    package var isJSON = false

    package init() {}
}

extension DoctorOptions {
    init(_ words: CommandWords) {
        configurationPath = words.value(of: "--config")
        overrides = words.values(of: "--set")
        isJSON = words.has("--json")
    }
}

extension CommandDescription {
    static let doctor = CommandDescription(
        name: .doctor,
        summary: "Look at all that a node needs, and tell what is wrong and what to do.",
        options: [
            Option(name: "--config", value: "FILE", summary: "Look into the node of FILE."),
            set,
            Option(name: "--json", summary: "Print one line of JSON."),
        ]
    )
}
