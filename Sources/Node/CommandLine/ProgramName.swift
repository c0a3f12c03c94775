/// What the running program is called, for all that tells its user to call it again.
///
/// A program of an author of objects has the commands of `rook` under a name of its own.
package enum ProgramName {
    /// The last part of the path by which this process was started.
    package static let current = name(in: CommandLine.arguments.first)

    static func name(in path: String?) -> String {
        path?.split(separator: "/").last.map(String.init) ?? "rook"
    }
}
