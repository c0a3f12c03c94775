import Foundation
import Placement
import Primitives
import Testing

@testable import Node

@Suite struct StateFileDamageTests {
    private func put(_ bytes: some Sequence<UInt8>, in folder: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/state"))
    }

    @Test func `a state that was cut short anywhere is refused`() async throws {
        try await inFolder { folder in
            let bytes = PersistentState.sample().encoded
            for count in bytes.indices {
                try put(bytes.prefix(count), in: folder)
                let expected: StateFileError.Reason = count < 4 ? .foreign : .damaged
                #expect(try await refusal(ofFree: folder) == expected, "cut after \(count) bytes")
            }
            try put(bytes, in: folder)
            #expect(try await StateFile.reopen(folder).state == .sample())
        }
    }

    @Test func `a state with a bit turned in any of its bytes is refused`() async throws {
        try await inFolder { folder in
            let bytes = PersistentState.sample().encoded
            for index in bytes.indices {
                let bit = index % 8
                var turned = bytes
                turned[index] ^= 1 << bit
                try put(turned, in: folder)
                let expected: StateFileError.Reason = index < 4 ? .foreign : .damaged
                let reason = try await refusal(ofFree: folder)
                #expect(reason == expected, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func `a state with bytes behind it, and one beyond the limit, are refused`() async throws
    {
        try await inFolder { folder in
            try put(PersistentState.sample().encoded + [0], in: folder)
            #expect(try await refusal(ofFree: folder) == .damaged)
            let head = Array("ROOK".utf8)
            let rest = [UInt8](repeating: 0, count: DataDirectory.stateBytesMax + 1 - head.count)
            try put(head + rest, in: folder)
            #expect(try await refusal(ofFree: folder) == .damaged)
        }
    }

    @Test func `a state of a later version names it`() async throws {
        try await inFolder { folder in
            var bytes = PersistentState.sample().encoded
            bytes[4] = 9
            bytes.removeLast(4)
            let sum = CRC32C.checksum(bytes)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
            try put(bytes, in: folder)
            #expect(try await refusal(ofFree: folder) == .unknownVersion(9))
        }
    }

    @Test func `the state of another node is refused`() async throws {
        try await inFolder { folder in
            try put(PersistentState.sample(of: node(2)).encoded, in: folder)
            #expect(try await refusal(ofFree: folder) == .otherNode(node(2), expected: node(1)))
            #expect(try await refusal(ofFree: folder, for: node(2)) == nil)
        }
    }

    @Test func `what is refused stays as it was, and the folder free`() async throws {
        try await inFolder { folder in
            try put(Array("hello".utf8), in: folder)
            #expect(try await refusal(ofFree: folder) == .foreign)
            #expect(try await refusal(ofFree: folder) == .foreign)
            let text = try String(contentsOfFile: folder + "/state", encoding: .utf8)
            #expect(text == "hello")
        }
    }

    @Test(arguments: [
        StateFileError.Reason.inUse(process: 7), .inUse(process: nil), .foreign, .damaged,
        .unknownVersion(2), .otherNode(node(2), expected: node(1)),
    ])
    func `a refusal is one line that names the folder and a way out`(
        reason: StateFileError.Reason
    ) {
        let line = StateFileError(path: "/var/lib/rook", reason: reason).description
        #expect(line.hasPrefix("data.directory /var/lib/rook: "))
        #expect(!line.contains("\n"))
        #expect(line.contains("; "), "nothing to do: \(line)")
    }
}
