import Foundation

/// One line on standard error.
func printError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
}

/// The same, with the name of the program in front.
func complain(_ text: String) { printError("\(ProgramName.current): \(text)") }

/// One text on standard output, seen at once whether that is a terminal or not.
func say(_ text: String) { show("\(text)\n") }

/// The same without an end of the line.
func show(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
}

/// The answer of a node as it came, on a line.
func say(_ json: [UInt8]) { say(String(decoding: json, as: UTF8.self)) }
