import Cluster
import Placement
import Primitives
import Transport

// What outlives the instances of a host.
extension ObjectHost {
    /// Wakes the object of an alarm that is due.
    func fire(_ due: DueAlarm) {
        let place = ObjectPlace(
            key: due.key,
            partition: due.partition,
            epoch: routes.view.epoch
        )
        let records = records
        let event = ObjectEvent.alarm(Alarm(due.alarm)) { records.ended(due, $0) }
        switch object(at: place) {
        case .success(let object) where object.enqueue(event): break
        case .success, .failure:
            tally.count("alarm_without_object")
            records.ended(due, .notHandled)
        }
    }

    /// Keeps what an instance gives to the next one, if there is room for it.
    func keep(_ snapshot: [UInt8], of object: HostedObject) {
        guard records.hasRoom(for: snapshotBytes + snapshot.count) else {
            tally.count("snapshot_without_room")
            return
        }
        activity.count("snapshots_taken")
        _ = takeSnapshot(of: object.key)
        snapshots[object.key] = snapshot
        snapshotBytes += snapshot.count
    }

    func takeSnapshot(of key: ObjectKey) -> [UInt8]? {
        let snapshot = snapshots.removeValue(forKey: key)
        snapshotBytes -= snapshot?.count ?? 0
        return snapshot
    }

    /// Sends what is left of objects that have ended to the new owners of their partitions.
    func handOver(
        _ partitions: PartitionSet,
        _ objects: [HostedObject],
        until deadline: Instant,
        _ completed: @escaping () -> Void
    ) {
        var given: [ObjectKey: [UInt8]] = [:]
        for object in objects {
            given[object.key] = takeSnapshot(of: object.key)
        }
        records.handOver(
            partitions,
            snapshots: given,
            isPlanned: lease.isValid,
            until: max(deadline, loop.now.advanced(by: settings.handOverTimeMin)),
            completed
        )
    }
}
