import Glibc

/// The few calls for files: a folder that is held open, and names in it.
///
/// They block for as long as the disk takes: never call them on an event loop.
extension SystemCall {
    /// What a file is opened for.
    package enum FileUse: Sendable {
        case reading
        /// Made if it is missing, and emptied; only its owner may read it.
        case rewriting
        /// Made if it is missing, and left as it is.
        case locking

        fileprivate var flags: Int32 {
            switch self {
            case .reading: O_RDONLY
            case .rewriting: O_WRONLY | O_CREAT | O_TRUNC
            case .locking: O_RDWR | O_CREAT
            }
        }
    }

    /// Makes a folder for its owner alone; false when something of that name is there.
    package static func makeDirectory(_ path: String) throws(SocketError) -> Bool {
        try isDone("mkdir \(path)", unless: EEXIST) { unsafe Glibc.mkdir(path, 0o700) }
    }

    /// Opens a folder, for `open`, `rename`, `remove` and `synchronize`.
    package static func openDirectory(_ path: String) throws(SocketError) -> FileDescriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let number = try run("open \(path)") { Int(unsafe Glibc.open(path, flags)) }
        return FileDescriptor(owning: Int32(number))
    }

    /// Opens the file `name` of a folder.
    package static func open(
        _ name: String,
        in directory: borrowing FileDescriptor,
        for use: FileUse
    ) throws(SocketError) -> FileDescriptor {
        let folder = directory.number
        let number = try run("open \(name)") {
            Int(unsafe openat(folder, name, use.flags | O_CLOEXEC, 0o600))
        }
        return FileDescriptor(owning: Int32(number))
    }

    /// The text of a file that the kernel makes up when it is read, as those of `/proc`, up to 64 KiB.
    ///
    /// It waits for no disk. Nil when there is none, or it may not be read.
    package static func kernelText(
        _ name: String,
        in directory: borrowing FileDescriptor
    ) -> String? {
        guard let file = try? open(name, in: directory, for: .reading),
            let bytes = try? readAll(file, limit: 64 << 10)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is left to read of a file, one byte more than `limit` at most.
    package static func readAll(
        _ file: borrowing FileDescriptor,
        limit: Int
    ) throws(SocketError) -> [UInt8] {
        let number = file.number
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let room = min(chunk.count, limit + 1 - bytes.count)
            let count = try run("read") {
                unsafe chunk.withUnsafeMutableBytes {
                    unsafe Glibc.read(number, $0.baseAddress, room)
                }
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Writes all of `bytes` where the file stands.
    package static func writeAll(
        _ file: borrowing FileDescriptor,
        _ bytes: [UInt8]
    ) throws(SocketError) {
        let number = file.number
        var done = 0
        while done < bytes.count {
            done += try run("write") {
                unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                    return unsafe Glibc.write(number, rest.baseAddress, rest.count)
                }
            }
        }
    }

    /// Empties a file that is open for `.locking`.
    package static func truncate(_ file: borrowing FileDescriptor) throws(SocketError) {
        let number = file.number
        try run("ftruncate") { Int(ftruncate(number, 0)) }
    }

    /// Returns when what was written to a file, or the names in a folder, will outlive a power cut.
    ///
    /// After a failure nobody knows what is on the disk, and a second call may succeed without
    /// having written: never try again.
    package static func synchronize(_ file: borrowing FileDescriptor) throws(SocketError) {
        let number = file.number
        try run("fsync") { Int(fsync(number)) }
    }

    /// Gives a file another name; a file that has that name is gone in the same moment.
    package static func rename(
        _ name: String,
        to newName: String,
        in directory: borrowing FileDescriptor
    ) throws(SocketError) {
        let folder = directory.number
        try run("rename \(name)") { Int(unsafe renameat(folder, name, folder, newName)) }
    }

    /// Removes a file; false when there is none.
    @discardableResult
    package static func remove(
        _ name: String,
        in directory: borrowing FileDescriptor
    ) throws(SocketError) -> Bool {
        let folder = directory.number
        return try isDone("unlink \(name)", unless: ENOENT) { unsafe unlinkat(folder, name, 0) }
    }

    /// Locks a file until its descriptor is closed, by the end of the process at the latest; false
    /// when another descriptor, of this process or another, has the lock.
    package static func lock(_ file: borrowing FileDescriptor) throws(SocketError) -> Bool {
        let number = file.number
        return try isDone("flock", unless: EWOULDBLOCK) { flock(number, LOCK_EX | LOCK_NB) }
    }

    /// Which file this is, among all of the machine.
    package static func identity(
        of file: borrowing FileDescriptor
    ) throws(SocketError) -> (device: UInt64, inode: UInt64) {
        let number = file.number
        var status = stat()
        try run("fstat") { Int(unsafe fstat(number, &status)) }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// Calls until it is not interrupted; false when it fails with `code`.
    private static func isDone(
        _ operation: @autoclosure () -> String,
        unless code: Int32,
        _ call: () -> Int32
    ) throws(SocketError) -> Bool {
        do throws(SocketError) {
            try run(operation()) { Int(call()) }
            return true
        } catch {
            guard error.code == code else { throw error }
            return false
        }
    }
}
