import Foundation
import Transport

/// What the kernel says of the machine, as far as a node minds; nil where it does not say.
struct MachineFacts: Equatable, Sendable {
    var memoryBytes: Int?
    /// What the group of processes may use, as in a container; nil without such a limit.
    var groupMemoryBytes: Int?
    var cores = 1
    /// Connections that one listener may have waiting.
    var listenQueue: Int?
    /// Ports that outgoing connections take.
    var outgoingPorts: ClosedRange<Int>?
    var hasSwap: Bool?
    /// 2 is: no more memory is promised than there is.
    var overcommit: Int?
    /// Whether the clock is kept right by NTP or its like.
    var isClockSynchronised: Bool?
    var descriptorsMax = 0

    static var now: MachineFacts {
        var facts = MachineFacts()
        facts.memoryBytes = memory(in: read("/proc/meminfo") ?? "")
        facts.groupMemoryBytes =
            ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
            .lazy.compactMap { read($0).flatMap(limit) }.first
        facts.cores = ProcessInfo.processInfo.activeProcessorCount
        facts.listenQueue = read("/proc/sys/net/core/somaxconn").flatMap(number)
        facts.outgoingPorts = read("/proc/sys/net/ipv4/ip_local_port_range").flatMap(range)
        facts.hasSwap = read("/proc/swaps").map { $0.split(separator: "\n").count > 1 }
        facts.overcommit = read("/proc/sys/vm/overcommit_memory").flatMap(number)
        facts.isClockSynchronised = SystemCall.isClockSynchronised
        facts.descriptorsMax = SystemCall.descriptorLimitMax
        return facts
    }

    /// The smaller of what the machine has and what the process may have.
    var usableMemoryBytes: Int? {
        [memoryBytes, groupMemoryBytes].compactMap(\.self).min()
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    static func memory(in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return kibibytes.flatMap { $0 < Int.max >> 10 ? $0 << 10 : nil }
    }

    /// `max`, or a number that is no less than all, is no limit.
    static func limit(_ text: String) -> Int? {
        number(text).flatMap { $0 < 1 << 60 ? $0 : nil }
    }

    static func number(_ text: String) -> Int? {
        Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    static func range(_ text: String) -> ClosedRange<Int>? {
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return nil }
        return numbers[0]...numbers[1]
    }
}
