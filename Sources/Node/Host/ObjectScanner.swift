import Primitives
import Transport

/// Looks through the objects of one host for lists of them, a slice in each turn of the loop, so that
/// a hundred thousand objects keep nobody waiting.
///
/// Every object that is there from the beginning of a scan to its end is seen; one that comes or goes
/// meanwhile may be. Lives on the host's loop.
final class ObjectScanner {
    /// Objects that are looked at in one turn: less than half a millisecond.
    static let sliceCount = 1_024
    /// Scans that wait for those before them.
    static let waitingMax = 16

    private struct Scan {
        let query: ObjectQuery
        let after: ObjectKey?
        let completed: (ObjectPage) -> Void
        var selection: BoundedSelection<ObjectRank>
        /// What is before it in the roster has yet to be looked at.
        var index = Int.max

        /// Those behind it in the roster may have come from before it: they are offered again, and
        /// are there once.
        mutating func look(at object: HostedObject) {
            let key = object.key
            guard query.className.map({ $0.utf8.elementsEqual(key.className.utf8) }) ?? true,
                query.prefix.map({ key.name.utf8.starts(with: $0.utf8) }) ?? true,
                after.map({ $0 < key }) ?? true
            else { return }
            selection.offer(ObjectRank(value: object.value(for: query.sort), key: key))
        }
    }

    private unowned let host: ObjectHost
    private var scans: [Scan] = []

    init(_ host: ObjectHost) { self.host = host }

    /// `completed` is called once; false when too many scans wait, and it is not.
    func scan(_ query: ObjectQuery, completed: @escaping (ObjectPage) -> Void) -> Bool {
        guard scans.count < Self.waitingMax else { return false }
        scans.append(
            Scan(
                query: query,
                after: query.after?.key,
                completed: completed,
                selection: BoundedSelection(capacity: query.limit)
            )
        )
        if scans.count == 1 { goOn() }
        return true
    }

    private func goOn() {
        host.loop.schedule(at: host.loop.now) { [weak self] in self?.takeSlice() }
    }

    private func takeSlice() {
        // Backwards, for what is removed is replaced by the last one.
        let end = min(scans[0].index, host.roster.count)
        let start = max(0, end - Self.sliceCount)
        for index in stride(from: end - 1, through: start, by: -1) {
            scans[0].look(at: host.roster[index])
        }
        scans[0].index = start
        if start == 0 { finish(scans.removeFirst()) }
        if !scans.isEmpty { goOn() }
    }

    private func finish(_ scan: Scan) {
        var keys: Set<ObjectKey> = []
        // An object that was looked at twice may have had another value then.
        let found = scan.selection.elements.filter { keys.insert($0.key).inserted }
        let entries = found.compactMap { host.hosted($0.key).map(host.entry) }
        let isWhole = scan.selection.isWhole || entries.isEmpty
        scan.completed(ObjectPage(entries: entries, isWhole: isWhole))
    }
}

extension HostedObject {
    fileprivate func value(for sort: ObjectQuery.Sort) -> UInt64 {
        switch sort {
        case .name: 0
        case .messages: usage.messages
        case .cpu: UInt64(clamping: usage.handlerNanoseconds)
        case .sessions: UInt64(sockets.count)
        }
    }
}
