import Foundation
import Primitives
import Testing

@testable import Node

@Suite struct KeyRotationTests {
    private static let old = "0123456789abcdef0123456789abcdef"

    private var fresh: Secret {
        var random = SplitMix64(seed: 1)
        return Secret.random(using: &random)
    }

    @Test func `three steps change a secret, and comments stay`() throws {
        let start = "# of our cluster\n\n\(Self.old)\n"
        let added = try KeyRotation(after: start, adding: fresh)
        #expect(added.step == .added)
        #expect(
            added.text
                == "# of our cluster\n# rook keys rotate: added\n\(Self.old)\n\(fresh.base64)\n"
        )
        let promoted = try KeyRotation(after: added.text, adding: fresh)
        #expect(promoted.step == .promoted)
        #expect(
            promoted.text
                == "# of our cluster\n# rook keys rotate: promoted\n\(fresh.base64)\n\(Self.old)\n"
        )
        let retired = try KeyRotation(after: promoted.text, adding: fresh)
        #expect(retired.step == .retired)
        #expect(retired.text == "# of our cluster\n\(fresh.base64)\n")
        #expect(try KeyRotation(after: retired.text, adding: fresh).step == .added)
    }

    @Test(arguments: ["\r\n", "\r", "\n\r\n"])
    func `a file with the line ends of another system goes the same way`(end: String) throws {
        let added = try KeyRotation(after: "# ours\(end)\(Self.old)\(end)", adding: fresh)
        let promoted = try KeyRotation(after: added.text, adding: fresh)
        #expect(promoted.step == .promoted)
        #expect(promoted.text.hasPrefix("# ours\n# rook keys rotate: promoted\n\(fresh.base64)\n"))
    }

    @Test(arguments: [
        ("a\nb\n", 2), ("# rook keys rotate: added\na\n", 1),
        ("# rook keys rotate: promoted\na\nb\nc\n", 3), ("# nothing\n", 0),
    ])
    func `a file that no step has left is not touched`(text: String, count: Int) {
        #expect(throws: KeyRotation.Problem.unexpectedCount(count)) {
            try KeyRotation(after: text, adding: fresh)
        }
    }

    @Test func `the file is replaced as a whole and keeps its rights`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "secret").path
        let made = FileManager.default.createFile(
            atPath: path,
            contents: Data("\(Self.old)\n".utf8),
            attributes: [.posixPermissions: 0o600]
        )
        try #require(made)
        for step in [KeyRotation.Step.added, .promoted, .retired] {
            #expect(try KeyRotation.advance(path, adding: fresh) == step)
            #expect(SecretFile.mode(of: path) == 0o600)
        }
        let left = try SecretFile.secrets(at: path, countMax: 4)
        #expect(left == [fresh])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["secret"])
    }

    @Test func `a file that others can read is left alone`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let made = FileManager.default.createFile(
            atPath: path,
            contents: Data(Self.old.utf8),
            attributes: [.posixPermissions: 0o644]
        )
        try #require(made)
        #expect(throws: KeyRotation.Problem.file(.readableByOthers)) {
            try KeyRotation.advance(path, adding: fresh)
        }
    }
}
