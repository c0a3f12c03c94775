import Foundation
import Node

/// Runs `rook new`: writes a package into a new folder and says what to do with it.
func runNew(_ options: NewOptions) throws -> ExitStatus {
    let rookery = try RookeryPlace(options.rookery)
    let folder = URL(fileURLWithPath: options.name, isDirectory: true)
    guard !FileManager.default.fileExists(atPath: folder.path) else {
        throw NewPackageError.exists(options.name)
    }
    for file in PackageTemplate(name: options.name, rookery: rookery).files {
        let url = folder.appendingPathComponent(file.path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(file.text.utf8).write(to: url)
        say("  \(options.name)/\(file.path)")
    }
    say(
        """

        cd \(options.name)
        swift test                          # its room, with the network cut and its node killed
        swift run \(options.name) cluster \(padding(options.name))# three nodes, to play with
        """
    )
    return .done
}

private func padding(_ name: String) -> String {
    String(repeating: " ", count: max(17 - name.count, 1))
}

/// Where a new package finds Rookery.
struct RookeryPlace {
    /// The line of the package's dependency.
    let dependency: String
    /// What the package manager calls it: the last part of the place.
    let identity: String

    /// Without a place it is the folder that this program was built from, if that is there still.
    init(_ place: String?) throws {
        guard let place else {
            let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
            let path = "/" + root.dropFirst().joined(separator: "/")
            guard FileManager.default.fileExists(atPath: path + "/Package.swift") else {
                throw NewPackageError.noPlace
            }
            self.init(folder: path)
            return
        }
        let url = URL(fileURLWithPath: place).standardizedFileURL
        if FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path)
        {
            self.init(folder: url.path)
        } else {
            guard place.contains(":") else { throw NewPackageError.notRookery(place) }
            self.init(repository: place)
        }
    }

    private init(folder path: String) {
        dependency = ".package(path: \(Self.quoted(path)))"
        identity = Self.identity(of: path)
    }

    private init(repository address: String) {
        dependency = ".package(url: \(Self.quoted(address)), branch: \"main\")"
        identity = Self.identity(of: address)
    }

    private static func identity(of place: String) -> String {
        let last = place.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? place
        return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}

/// Why there is no new package.
enum NewPackageError: Error, CustomStringConvertible {
    case exists(String)
    case noPlace
    case notRookery(String)

    var description: String {
        switch self {
        case .exists(let name): "\(name) is there already"
        case .noPlace: "where is Rookery? give --rookery with its folder or its repository"
        case .notRookery(let place): "\(place) is no folder with a Package.swift, and no address"
        }
    }
}
