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
        #expect(
            error?.description
                == "no-such.conf: cannot be read: is it there, and may this user read it?"
        )
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
            #expect(
                error?.reason
                    == .badSecretFile(path, key: "cluster.secret_file", problem: .unreadable)
            )
        }
    }

    @Test(arguments: ["cluster.secret_file", "client.token_key_file"])
    func `a file of secrets that others can read is refused`(key: String) throws {
        for mode in [0o604, 0o640, 0o644, 0o444] {
            try inFolder(["secrets": Self.first], mode: mode) { folder in
                let error = #expect(throws: ConfigurationError.self) {
                    try NodeConfiguration.load(path: nil, overrides: ["\(key)=\(folder)secrets"])
                }
                #expect(
                    error?.description == "--set: \(key) \(folder)secrets can be read by others "
                        + "than its owner; expected chmod 600"
                )
            }
        }
        for mode in [0o600, 0o400] {
            try inFolder(["secrets": Self.first], mode: mode) { folder in
                _ = try NodeConfiguration.load(path: nil, overrides: ["\(key)=\(folder)secrets"])
            }
        }
    }

    @Test func `a link to a file of secrets has the rights of the file`() throws {
        try inFolder(["secrets": Self.first]) { folder in
            let files = FileManager.default
            let link = folder + "link"
            try files.createSymbolicLink(atPath: link, withDestinationPath: folder + "secrets")
            _ = try NodeConfiguration.load(path: nil, overrides: ["cluster.secret_file=\(link)"])
        }
    }

    @Test(arguments: ["cluster.secret", "client.token_key", "admin.token"])
    func `a configuration with a secret that everyone can read is refused`(key: String) throws {
        let files = ["a.conf": "\(key) = \(Self.first)", "b.conf": "threads = 1"]
        try inFolder(files, mode: 0o644) { folder in
            let error = #expect(throws: ConfigurationError.self) {
                try NodeConfiguration.load(path: folder + "a.conf")
            }
            #expect(
                error?.description == "\(folder)a.conf: holds a secret and can be read by every "
                    + "user; expected chmod 600, or 640"
            )
            _ = try NodeConfiguration.load(path: folder + "b.conf")
        }
        try inFolder(files, mode: 0o640) { folder in
            _ = try NodeConfiguration.load(path: folder + "a.conf")
        }
    }

    @Test func `four keys of tokens may be valid at once, and one more may not`() throws {
        let four = Array(repeating: Self.first, count: 4).joined(separator: "\n")
        try inFolder(["keys": four, "more": four + "\n" + Self.second]) { folder in
            let loaded = try NodeConfiguration.load(
                path: nil,
                overrides: ["client.token_key_file=\(folder)keys"]
            )
            #expect(loaded.configuration.client.tokenKey.count == 4)
            let error = #expect(throws: ConfigurationError.self) {
                try NodeConfiguration.load(
                    path: nil,
                    overrides: ["client.token_key_file=\(folder)more"]
                )
            }
            #expect(
                error?.reason
                    == .badSecretFile(
                        folder + "more",
                        key: "client.token_key_file",
                        problem: .tooMany(limit: 4)
                    )
            )
        }
        let five = Array(repeating: Self.first, count: 5).joined(separator: ",")
        #expect(throws: ConfigurationError.self) {
            try NodeConfiguration.load(path: nil, overrides: ["client.token_key=\(five)"])
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
