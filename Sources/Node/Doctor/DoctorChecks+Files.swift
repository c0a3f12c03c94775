import Foundation
import Placement
import Primitives
import Transport

// What lies on the disk: secrets and the folder of the state.
extension DoctorChecks {
    /// A write that takes longer holds up each change of the cluster.
    static let slowWrite = Duration.milliseconds(100)
    /// What the state of a node and its log of the next days may want.
    static let freeBytesMin = 64 << 20

    static func user() -> DoctorFinding? {
        guard geteuid() == 0 else { return nil }
        return .warning(
            "user",
            "this is root, who may read and write what the node may not",
            "run this as the user of the service, such as `sudo -u rookery`"
        )
    }

    static func secret(_ configuration: NodeConfiguration) -> DoctorFinding {
        let secrets = configuration.cluster.secret
        guard let shortest = secrets.map(\.bytes.count).min() else {
            return .ok("secret", "none, which is for nodes on loopback only")
        }
        var found =
            "\(secrets.count == 1 ? "one" : "\(secrets.count)"), of \(shortest) bytes at least"
        let path = configuration.cluster.secretFile
        if !path.isEmpty {
            found += "; \(path) has mode \(String(SecretFile.mode(of: path), radix: 8))"
        }
        guard secrets.count > 1 else { return .ok("secret", found) }
        return .warning(
            "secret",
            found,
            "if no change of the secret is under way, finish it: `\(ProgramName.current) keys"
                + " rotate`"
        )
    }

    static func folder(_ configuration: NodeConfiguration, _ name: NodeID) -> [DoctorFinding] {
        let path = configuration.data.directory
        guard !path.isEmpty else {
            let isAlone = configuration.seeds.isEmpty
            let found = "data.directory is empty: a restart forgets the votes of the node"
            guard !isAlone else { return [.ok("folder", found)] }
            return [.warning("folder", found, "set data.directory, such as /var/lib/rookery")]
        }
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return [missingFolder(path)]
        }
        guard isFolder.boolValue else {
            return [.failure("folder", "\(path) is no folder", "set another data.directory")]
        }
        let rights = self.rights(path)
        guard rights.result != .failure else { return [rights] }
        let state = state(path, name, configuration)
        return [rights, state, write(path), space(path)].compactMap(\.self)
    }

    private static func missingFolder(_ path: String) -> DoctorFinding {
        var holder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        while holder != "/", !FileManager.default.fileExists(atPath: holder) {
            holder = URL(fileURLWithPath: holder).deletingLastPathComponent().path
        }
        guard unsafe access(holder, W_OK | X_OK) == 0 else {
            return .failure(
                "folder",
                "\(path) is missing and cannot be made in \(holder)",
                "install -d -o USER -m 700 \(path), with the user of the service"
            )
        }
        return .ok("folder", "\(path) is missing; the node makes it")
    }

    private static func rights(_ path: String) -> DoctorFinding {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let owner = attributes?[.ownerAccountName] as? String ?? "unknown"
        let mode = SecretFile.mode(of: path)
        let found = "\(path) is \(owner)'s, mode \(String(mode, radix: 8))"
        guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
            guard errno != EROFS else {
                return .failure(
                    "folder",
                    "\(path) is on a file system that is read-only",
                    "mount it for writing; the kernel may have made it so after errors: see `dmesg`"
                )
            }
            return .failure("folder", found, "chown USER \(path), with the user of the service")
        }
        guard mode & 0o022 == 0 else {
            return .warning("folder", found, "chmod 700 \(path): others may put a state there")
        }
        return .ok("folder", found)
    }

    /// The lock is held for a moment, as by a node that starts; the state is read.
    private static func state(
        _ path: String,
        _ name: NodeID,
        _ configuration: NodeConfiguration
    ) -> DoctorFinding {
        do throws(StateFileError) {
            let opened = try StateFile.open(directory: path, node: name)
            guard let state = opened.state else {
                return .ok("state", "none yet: the node founds a cluster or joins one")
            }
            let view = state.view
            let found =
                "that of \(name), at view \(view.epoch.value) with"
                + " \(HumanUnits.plural(view.members.count, "member"))"
            guard view.members.map(\.id) == [name], configuration.seeds.count > 1 else {
                return .ok("state", found)
            }
            return .warning(
                "state",
                "\(found): a cluster of this node alone, and seeds names others",
                "fine if the others have left it; one that was started before its seeds were set goes on"
                    + " alone: then remove \(path), if nothing in it is wanted"
            )
        } catch {
            if case .inUse = error.reason { return .ok("state", "\(error.reason)") }
            return .failure("state", "\(error)", "see \"The folder of a node\" in OPERATING.md")
        }
    }

    private static func write(_ path: String) -> DoctorFinding {
        let name = ".doctor-\(ProcessInfo.processInfo.processIdentifier)"
        let began = BootClock.now
        do throws(SocketError) {
            let folder = try SystemCall.openDirectory(path)
            let file = try SystemCall.open(name, in: folder, for: .rewriting)
            defer { _ = try? SystemCall.remove(name, in: folder) }
            try SystemCall.writeAll(file, [UInt8](repeating: 0, count: 4_096))
            try SystemCall.synchronize(file)
            try SystemCall.synchronize(folder)
        } catch {
            return .failure("disk", "\(error)", "mend the disk, or set another data.directory")
        }
        let time = began.duration(to: BootClock.now)
        let found = "a write to \(path) took \(HumanUnits.milliseconds(time.inSeconds * 1_000))"
        guard time > slowWrite else { return .ok("disk", found) }
        return .warning("disk", found, "take a disk of this machine alone: each vote waits for it")
    }

    private static func space(_ path: String) -> DoctorFinding? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue else { return nil }
        let found = "\(HumanUnits.bytes(free)) are free at \(path)"
        guard free < freeBytesMin else { return .ok("space", found) }
        return .warning("space", found, "make room: a node that cannot write its votes gives none")
    }
}
