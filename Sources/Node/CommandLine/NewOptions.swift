/// Which package to begin.
package struct NewOptions: Equatable, Sendable {
    /// The longest name of a package.
    package static let nameByteCountMax = 64

    /// The name of the package, its program and its folder: a Swift identifier.
    package var name: String
    /// Where Rookery is: a folder, or the address of a repository; nil is the folder that this
    /// program was built from.
    package var rookery: String?

    package init(name: String, rookery: String? = nil) {
        self.name = name
        self.rookery = rookery
    }
}

extension NewOptions {
    init(_ words: CommandWords) throws(UsageError) {
        let name = words.operands[0]
        let isIdentifier =
            name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]*/) != nil
            && name.utf8.count <= Self.nameByteCountMax
        guard isIdentifier else { throw .badPackageName(name) }
        self.init(name: name, rookery: words.value(of: "--rookery"))
    }
}

extension CommandDescription {
    static let new = CommandDescription(
        name: .new,
        operands: ["NAME"],
        summary: "Begin a package with an object, a program and a test with a partition.",
        options: [
            Option(
                name: "--rookery",
                value: "PLACE",
                summary:
                    "Where Rookery is, a folder or a repository; if not given, where this is from."
            )
        ]
    )
}
