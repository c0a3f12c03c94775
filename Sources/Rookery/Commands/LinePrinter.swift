import Foundation

/// Prints each line that comes from a file, with a name in front.
enum LinePrinter {
    /// A longer line is printed in pieces.
    static let lineBytesMax = 64 << 10

    /// Reads `file` to its end, on a thread of its own.
    static func start(_ file: FileHandle, prefix: String) {
        Thread.detachNewThread {
            var rest = Data()
            while true {
                let data = file.availableData
                if data.isEmpty { return }
                rest.append(data)
                for line in takeLines(from: &rest) {
                    say("\(prefix) | \(String(decoding: line, as: UTF8.self))")
                }
            }
        }
    }

    private static func takeLines(from rest: inout Data) -> [Data] {
        var lines: [Data] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Data(rest[rest.startIndex..<end]))
            rest = Data(rest[(end + 1)...])
        }
        if rest.count > lineBytesMax {
            lines.append(rest)
            rest = Data()
        }
        return lines
    }
}
