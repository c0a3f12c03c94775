import Foundation
import Testing

@testable import Node

@Suite struct ConfigurationLoadingTests {
    private static let first = "0123456789abcdef0123456789abcdef"
    private static let second = "fedcba9876543210fedcba9876543210"

    /// Runs `body` in a new folder with `files`, which only their owner can read.
    private func inFolder<Result>(
        _ files: [String: String],
        mode: Int = 0o600,
        _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let path = folder.appending(path: name).path
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        return try body(folder.path + "/")
    }

    @Test func `a file is read and its keys are counted`() throws {
        let loaded = try inFolder(["a.conf": "threads = 2\nnode.weight = 7\n"]) { folder in
            try NodeConfiguration.load(path: folder + "a.conf", overrides: ["threads=3"])
        }
        #expect(loaded.configuration.threads == 3)
        #expect(loaded.keyCount == 2)
        #expect(loaded.warnings == [])
    }

    @Test func `no file is the defaults`() throws {
        #expect(try NodeConfiguration.load(path: nil) == LoadedConfiguration())
    }

    @Test func `a missing file is named`() {
        let error = #expect(throws: ConfigurationError.self) {
            try NodeConfiguration.load(path: "no-such.conf")
        }
        #expect(error?.description == "no-such.conf: cannot be read")
    }

    @Test func `secrets come from their file, one a line`() throws {
        let text = "# rotated\n\(Self.first)\n\n\(Self.second)\n"
        let loaded = try inFolder(["secrets": text]) { folder in
            try NodeConfiguration.load(
                path: nil,
                overrides: ["cluster.secret_file=\(folder)secrets"]
            )
        }
        let expected = [Self.first, Self.second].map { Array($0.utf8) }
        #expect(loaded.configuration.cluster.secret.map(\.bytes) == expected)
        #expect(loaded.warnings == [])
    }

    @Test(arguments: [
        ("", "holds no secret; expected one a line (`\(ProgramName.current) secret` makes one)"),
        (
            "# only a comment",
            "holds no secret; expected one a line (`\(ProgramName.current) secret` makes one)"
        ),
        ("\nshort", "line 2: expected a secret of at least 32 bytes"),
    ])
    func `a bad file of secrets is refused`(text: String, words: String) throws {
        try inFolder(["secrets": text, "a.conf": ""]) { folder in
            let path = folder + "secrets"
            let conf = folder + "a.conf"
            try "\ncluster.secret_file = \(path)".write(
                toFile: conf,
                atomically: false,
                encoding: .utf8
            )
            let error = #expect(throws: ConfigurationError.self) {
                try NodeConfiguration.load(path: conf)
            }
            #expect(error?.description == "\(conf):2: cluster.secret_file \(path) \(words)")
        }
    }

    @Test func `a folder or nothing is no file of secrets`() throws {
        for path in ["/", "/no/such/file"] {
            let error = #expect(throws: ConfigurationError.self) {
                try NodeConfiguration.load(path: nil, overrides: ["cluster.secret_file=\(path)"])
            }
            #expect(error?.reason == .badSecretFile(path, problem: .unreadable))
        }
    }

    @Test func `secrets that everyone can read give a warning`() throws {
        let files = [
            "secrets": Self.first, "a.conf": "cluster.secret = \(Self.first)", "b.conf": "",
        ]
        try inFolder(files, mode: 0o644) { folder in
            let file = try NodeConfiguration.load(
                path: folder + "b.conf",
                overrides: ["cluster.secret_file=\(folder)secrets"]
            )
            let words = "holds a secret and can be read by every user"
            #expect(file.warnings == ["\(folder)secrets \(words)"])
            let conf = try NodeConfiguration.load(path: folder + "a.conf")
            #expect(conf.warnings == ["\(folder)a.conf \(words)"])
        }
    }

    @Test func `secrets come from one place`() {
        let error = #expect(throws: ConfigurationError.self) {
            try NodeConfiguration.load(
                path: nil,
                overrides: ["cluster.secret_file=x", "cluster.secret=\(Self.first)"]
            )
        }
        #expect(
            error?.description == "--set: expected cluster.secret or cluster.secret_file, not both"
        )
    }
}
