import Foundation
import Placement

/// One number for a data directory on one boot of a machine.
///
/// Two processes with the same number have used the same lock under the same kernel, so the later
/// one knows that the earlier one is dead. After a boot, or with a copied folder, it is another.
enum MachineIdentity {
    private static let bootPath = "/proc/sys/kernel/random/boot_id"

    /// Which boot of the machine this is; empty when the kernel does not tell.
    static var boot: String {
        let text = try? String(contentsOfFile: bootPath, encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }

    /// Zero, which proves nothing, when the boot is not known; else never zero.
    static func hash(boot: String, device: UInt64, inode: UInt64) -> UInt64 {
        guard !boot.isEmpty else { return 0 }
        var hash = SipHash13(key: .zero)
        hash.combine("\(boot) \(device) \(inode)")
        return max(hash.finalized(), 1)
    }
}
