import Foundation

/// One input in a file of its own.
enum InputFile {
    static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    }
}

extension FuzzTarget {
    /// One file for each seed.
    func writeSeeds(to folder: String) {
        for (index, seed) in seeds().enumerated() {
            InputFile.write(seed, to: "\(folder)/seed-\(index)")
        }
    }
}
