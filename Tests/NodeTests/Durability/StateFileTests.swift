import Foundation
import Placement
import Primitives
import Synchronization
import Testing

@testable import Node

@Suite struct StateFileTests {
    @Test func `what was written is found again`() async throws {
        try await inFolder { folder in
            #expect(try StateFile.open(folder).state == nil)
            for number in 1...3 as ClosedRange<UInt64> {
                let file = try await StateFile.reopen(folder).file
                #expect(await file.write(.sample(number), number: number) == .success(number))
            }
            #expect(try await StateFile.reopen(folder).state == .sample(3))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["lock", "state"])
        }
    }

    @Test func `a missing folder is made, for its owner alone`() async throws {
        try await inFolder { folder in
            let path = folder + "/var/lib/rook/"
            let file = try StateFile.open(path).file
            #expect(await file.write(.sample(), number: 1) == .success(1))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o700)
            let state = path + "state"
            let stateMode = try FileManager.default.attributesOfItem(atPath: state)
            #expect(stateMode[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `what a write has left unfinished is not read, and removed`() async throws {
        try await inFolder { folder in
            let path = URL(fileURLWithPath: folder + "/state.new")
            try Data(PersistentState.sample(2).encoded).write(to: path)
            #expect(try StateFile.open(folder).state == nil)
            #expect(!FileManager.default.fileExists(atPath: path.path))
            let former = PersistentState.sample(1)
            try Data(former.encoded).write(to: URL(fileURLWithPath: folder + "/state"))
            try Data(PersistentState.sample(2).encoded.dropLast()).write(to: path)
            #expect(try await StateFile.reopen(folder).state == former)
            #expect(!FileManager.default.fileExists(atPath: path.path))
        }
    }

    @Test func `a folder is of one file at a time, and the lock names the process`() async throws {
        try await inFolder { folder in
            let process = ProcessInfo.processInfo.processIdentifier
            let holder = try StateFile.open(folder)
            #expect(holder.isPredecessorDead)
            #expect(refusal(of: folder) == .inUse(process: process))
            withExtendedLifetime(holder) {}
        }
    }

    @Test func `a lock whose holder has not signed yet is refused too`() async throws {
        try await inFolder { folder in
            let holder = try StateFile.open(folder)
            try Data().write(to: URL(fileURLWithPath: folder + "/lock"))
            #expect(refusal(of: folder) == .inUse(process: nil))
            withExtendedLifetime(holder) {}
        }
    }

    @Test func `states that wait for the disk become one, the last`() async throws {
        try await inFolder { folder in
            let file = try StateFile.open(folder).file
            let mayGoOn = DispatchSemaphore(value: 0)
            await withCheckedContinuation { continuation in
                file.write(.sample(1), number: 1) { _ in
                    continuation.resume()
                    mayGoOn.wait()
                }
            }
            // The queue of the file is busy in the completion of the first state.
            let early = Mutex<[UInt64]>([])
            for number in 2...4 as ClosedRange<UInt64> {
                file.write(.sample(number), number: number) { _ in
                    early.withLock { $0.append(number) }
                }
            }
            let last = await withCheckedContinuation { continuation in
                file.write(.sample(5), number: 5) { continuation.resume(returning: $0) }
                mayGoOn.signal()
            }
            #expect(last == .success(5))
            #expect(early.withLock { $0 } == [])
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/state"))
            #expect(Array(bytes) == PersistentState.sample(5).encoded)
        }
    }

    @Test func `without a folder everything is confirmed and nothing is found`() async throws {
        let opened = try StateFile.open(directory: "", node: node(1))
        #expect(opened.state == nil)
        #expect(opened.machine == 0)
        #expect(!opened.isPredecessorDead)
        #expect(await opened.file.write(.sample(), number: 8) == .success(8))
    }
}

@Suite struct MachineIdentityTests {
    @Test func `a folder keeps its number, and another one has another`() async throws {
        try await inFolder { folder in
            let first = try StateFile.open(folder + "/a").machine
            #expect(first != 0)
            #expect(try await StateFile.reopen(folder + "/a").machine == first)
            #expect(try StateFile.open(folder + "/b").machine != first)
        }
    }

    @Test func `each boot, device and folder has its own number, and no boot has zero`() {
        let hashes = [
            MachineIdentity.hash(boot: "a", device: 1, inode: 2),
            MachineIdentity.hash(boot: "b", device: 1, inode: 2),
            MachineIdentity.hash(boot: "a", device: 11, inode: 2),
            MachineIdentity.hash(boot: "a", device: 1, inode: 12),
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(!hashes.contains(0))
        #expect(MachineIdentity.hash(boot: "", device: 1, inode: 2) == 0)
    }
}
