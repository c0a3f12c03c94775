import Foundation
import Testing

@testable import fuzz

/// What the fuzzer starts from and what it has found, without a fuzzer.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/Corpus")

    private static func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `what must hold holds for every seed`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        for (index, seed) in target.seeds().enumerated() {
            #expect(throws: Never.self, "seed \(index) of \(name)") { try target.check(seed) }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `what must hold holds for every input of the corpus`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let folder = Self.folder.appendingPathComponent(name)
        let files = try Self.names(in: folder)
        #expect(!files.isEmpty)
        for file in files {
            let input = try Data(contentsOf: folder.appendingPathComponent(file))
            #expect(throws: Never.self, "\(name)/\(file)") { try target.check([UInt8](input)) }
        }
    }

    @Test func `every folder of the corpus belongs to a target`() throws {
        #expect(try Self.names(in: Self.folder) == FuzzTarget.all.map(\.name).sorted())
    }
}
