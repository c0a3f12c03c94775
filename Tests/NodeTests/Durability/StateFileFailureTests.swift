import Foundation
import Placement
import Primitives
import Testing
import Transport

@testable import Node

@Suite struct StateFileFailureTests {
    private func reason(_ result: Result<UInt64, StateFileError>) -> StateFileError.Reason? {
        switch result {
        case .success: nil
        case .failure(let error): error.reason
        }
    }

    private func unwritable(_ operation: String, _ code: Int32) -> StateFileError.Reason {
        .unwritable(SocketError(operation: operation, code: code))
    }

    /// Two states: the first meets `fault` in the folder, the second comes when it is mended.
    private func expect(
        _ expected: StateFileError.Reason,
        after fault: (String) throws -> Void,
        mended: (String) throws -> Void
    ) async throws {
        try await inFolder { folder in
            let path = folder + "/data"
            let file = try StateFile.open(path).file
            #expect(await file.write(.sample(1), number: 1) == .success(1))
            try fault(path)
            #expect(reason(await file.write(.sample(2), number: 2)) == expected)
            try mended(path)
            #expect(reason(await file.write(.sample(3), number: 3)) == expected)
            let bytes = try? Data(contentsOf: URL(fileURLWithPath: path + "/state"))
            #expect(bytes == nil || bytes == Data(PersistentState.sample(1).encoded))
        }
    }

    private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    private func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false
        )
    }

    @Test func `a folder that is gone is a failure for good`() async throws {
        try await expect(
            unwritable("open state.new", ENOENT),
            after: { try remove($0) },
            mended: { try makeFolder($0) }
        )
    }

    @Test func `a full disk is a failure for good, and the former state stays`() async throws {
        try await expect(
            unwritable("write", ENOSPC),
            after: { path in
                try FileManager.default.createSymbolicLink(
                    atPath: path + "/state.new",
                    withDestinationPath: "/dev/full"
                )
            },
            mended: { try remove($0 + "/state.new") }
        )
    }

    @Test func `a disk that cannot synchronise is a failure for good`() async throws {
        try await expect(
            unwritable("fsync", EINVAL),
            after: { path in
                try FileManager.default.createSymbolicLink(
                    atPath: path + "/state.new",
                    withDestinationPath: "/dev/null"
                )
            },
            mended: { try remove($0 + "/state.new") }
        )
    }

    @Test func `a state that cannot be put in place is a failure for good`() async throws {
        try await expect(
            unwritable("rename state.new", EISDIR),
            after: { path in
                try remove(path + "/state")
                try makeFolder(path + "/state")
            },
            mended: { try remove($0 + "/state") }
        )
    }

    @Test func `a folder that cannot be made is named`() async throws {
        try await inFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            let expected = SocketError(operation: "mkdir \(folder)/file/data", code: ENOTDIR)
            #expect(refusal(of: folder + "/file/data") == .unusable(expected))
            let noFolder = SocketError(operation: "open \(folder)/file", code: ENOTDIR)
            #expect(refusal(of: folder + "/file") == .unusable(noFolder))
        }
    }
}
