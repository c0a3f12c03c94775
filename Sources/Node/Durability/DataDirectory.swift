import Foundation
package import Transport

/// Where the bytes of one node's state are, for as long as this exists.
package protocol StateDirectory: Sendable {
    /// The bytes of the state; nil when none was ever written.
    ///
    /// One byte more than `DataDirectory.stateBytesMax` at most.
    func read() throws(SocketError) -> [UInt8]?
    /// Puts `bytes` in the place of the former state: when it returns they outlive a power cut, and
    /// before that there is the one or the other.
    func write(_ bytes: [UInt8]) throws(SocketError)
    /// One number for this place on one boot of its machine; zero proves nothing.
    func machine() throws(SocketError) -> UInt64
}

/// The folder of one node's state, locked for as long as this exists.
///
/// The kernel keeps the lock until the process is gone, however it ends; so whoever has the lock
/// knows that no former process of this folder runs any more.
final class DataDirectory: StateDirectory {
    /// Far more than two views at their limits.
    static let stateBytesMax = 8 << 20

    private static let stateName = "state"
    private static let newStateName = "state.new"
    private static let lockName = "lock"

    private let folder: FileDescriptor
    /// Open until the end: closing it gives up the lock.
    private let lock: FileDescriptor

    /// Makes the folder at `path` if it is missing, and locks it.
    init(path: String) throws(StateFileError) {
        let isLocked: Bool
        do throws(SocketError) {
            try Self.make(path)
            folder = try SystemCall.openDirectory(path)
            lock = try SystemCall.open(Self.lockName, in: folder, for: .locking)
            isLocked = try SystemCall.lock(lock)
            if isLocked { try Self.sign(lock) }
        } catch {
            throw StateFileError(path: path, reason: .unusable(error))
        }
        guard isLocked else {
            throw StateFileError(path: path, reason: .inUse(process: Self.holder(of: lock)))
        }
    }

    /// Writes who has the lock, for whoever is refused.
    private static func sign(_ lock: borrowing FileDescriptor) throws(SocketError) {
        let process = ProcessInfo.processInfo.processIdentifier
        try SystemCall.truncate(lock)
        try SystemCall.writeAll(lock, Array("\(process)\n".utf8))
    }

    /// What the process that has the lock has written into it.
    private static func holder(of lock: borrowing FileDescriptor) -> Int32? {
        guard let bytes = try? SystemCall.readAll(lock, limit: 16) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline })
    }

    /// A folder that a power cut takes away would take the node's promises with it, so what holds
    /// the new name is synchronised too.
    private static func make(_ path: String) throws(SocketError) {
        let parent = NSString(string: path).deletingLastPathComponent
        let holder = parent.isEmpty ? "." : parent
        do throws(SocketError) {
            guard try SystemCall.makeDirectory(path) else { return }
        } catch {
            guard error.isMissing, holder != path, holder != "." else { throw error }
            try make(holder)
            guard try SystemCall.makeDirectory(path) else { return }
        }
        try SystemCall.synchronize(SystemCall.openDirectory(holder))
    }

    /// Which folder of which boot of the machine this is.
    func machine() throws(SocketError) -> UInt64 {
        try machine(boot: MachineIdentity.boot)
    }

    func machine(boot: String) throws(SocketError) -> UInt64 {
        let (device, inode) = try SystemCall.identity(of: folder)
        return MachineIdentity.hash(boot: boot, device: device, inode: inode)
    }

    /// The bytes of the state; nil when none was ever written.
    ///
    /// One byte more than `stateBytesMax` at most. What a write left unfinished is removed.
    func read() throws(SocketError) -> [UInt8]? {
        try SystemCall.remove(Self.newStateName, in: folder)
        do throws(SocketError) {
            let file = try SystemCall.open(Self.stateName, in: folder, for: .reading)
            return try SystemCall.readAll(file, limit: Self.stateBytesMax)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Puts `bytes` in the place of the former state: after a power cut there is the one or the
    /// other, and when this has returned, there is the new one.
    func write(_ bytes: [UInt8]) throws(SocketError) {
        let file = try SystemCall.open(Self.newStateName, in: folder, for: .rewriting)
        try SystemCall.writeAll(file, bytes)
        try SystemCall.synchronize(file)
        try SystemCall.rename(Self.newStateName, to: Self.stateName, in: folder)
        try SystemCall.synchronize(folder)
    }
}
