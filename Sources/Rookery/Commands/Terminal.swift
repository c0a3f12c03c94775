import Foundation
import Glibc

/// What standard output is.
enum Terminal {
    /// Columns of a text that goes elsewhere, so that scripts find the same everywhere.
    static let widthElsewhere = 100

    static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Colours only for people, and only for those who want them (no-color.org).
    static var isColoured: Bool {
        let variables = ProcessInfo.processInfo.environment
        return isThere && variables["TERM"] != "dumb" && (variables["NO_COLOR"] ?? "").isEmpty
    }

    static var width: Int {
        var size = winsize()
        guard isThere, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return widthElsewhere }
        return Int(size.ws_col)
    }
}

/// Shows what `text` gives once, or again and again until the process is interrupted.
///
/// On a terminal each text takes the place of the one before; elsewhere they follow each other. While
/// it goes on a node that does not answer is complained of, and asked again.
func show(again isWatched: Bool, _ text: () async throws -> String) async throws {
    show(try await text())
    while isWatched {
        try await Task.sleep(for: .seconds(1))
        do {
            let next = try await text()
            show(Terminal.isThere ? "\u{1B}[H\u{1B}[2J\(next)" : "\n\(next)")
        } catch {
            complain("\(error)")
        }
    }
}
