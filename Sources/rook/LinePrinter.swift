import Foundation
import Synchronization

/// Prints each line that comes from a file, with a name in front.
enum LinePrinter {
    /// A longer line is printed in pieces.
    static let lineBytesMax = 64 << 10

    static func print(_ file: FileHandle, prefix: String) {
        let rest = Mutex(Data())
        file.readabilityHandler = { file in
            let data = file.availableData
            guard !data.isEmpty else {
                file.readabilityHandler = nil
                return
            }
            let lines = rest.withLock { rest in
                rest.append(data)
                return takeLines(from: &rest)
            }
            for line in lines { say("\(prefix) | \(String(decoding: line, as: UTF8.self))") }
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
