import Cluster
import Foundation
import Placement
import Primitives
import Synchronization
import Testing
import Transport

@testable import Node

/// One loop of a node that does not exist, with an object that has alarms; lives on the loop of the
/// tests.
final class RecordFixture: RecordTransport {
    static let local = ObjectHostFixture.local
    static let other = ObjectHostFixture.other

    /// A table takes a while, and the loop is everybody's.
    private static let tables = Mutex<[[NodeID: UInt16]: PlacementTable]>([:])

    let lease = LeaseCell()
    let host: ObjectHost
    let key: ObjectKey
    let script = AlarmScript()
    /// What was to be sent, and how it ends.
    private(set) var sent: [(batch: RecordBatch, ended: @Sendable (RecordDelivery) -> Void)] = []
    private(set) var answers: [String] = []
    private(set) var isStopped = false
    private var epoch: UInt64 = 1

    /// A node alone, that runs everything.
    init(_ change: (inout HostSettings) -> Void = { _ in }) throws {
        var settings = HostSettings()
        settings.drainTime = .seconds(60)
        settings.alarmPatience = .seconds(60)
        settings.idleTime = .seconds(60)
        change(&settings)
        key = try #require(ObjectKey(className: "AlarmObject", name: "\(SessionID.random())"))
        AlarmObject.scripts.withLock { [key, script] in $0[key.name] = script }
        host = ObjectHost(
            node: Self.local,
            registry: try ObjectRegistry([AlarmObject.self]),
            settings: settings,
            lease: lease,
            routes: Self.routes(1, [Self.local: 100], isReady: true),
            log: Log(subsystem: "test") { _ in },
            loop: TestLoop.shared
        )
        host.records.transport = self
        extendLease()
    }

    static func routes(_ epoch: UInt64, _ weights: [NodeID: UInt16], isReady: Bool) -> RouteTable {
        let table = tables.withLock { tables in
            if let table = tables[weights] { return table }
            let members = weights.map { PlacementMember(id: $0.key, weight: $0.value) }
            let table = PlacementTable(members: members)
            tables[weights] = table
            return table
        }
        let view = PlacementView(epoch: Epoch(epoch), key: .zero, table: table)
        return RouteTable(
            node: local,
            view: view,
            runs: weights.mapValues { _ in Incarnation(1) },
            ready: isReady ? view.table.partitions(ownedBy: local) : PartitionSet()
        )
    }

    /// The next view.
    func enter(_ weights: [NodeID: UInt16], isReady: Bool = true) {
        epoch += 1
        host.update(Self.routes(epoch, weights, isReady: isReady))
    }

    func extendLease() { lease.extend(until: BootClock.now.advanced(by: .seconds(60))) }

    var place: ObjectPlace {
        let partition = PartitionID(of: key, key: .zero)
        return ObjectPlace(key: key, partition: partition, epoch: Epoch(epoch))
    }

    /// Has the object do something, and returns its answer.
    func ask(_ target: String) async throws -> String {
        let count = answers.count
        begin(target)
        return try await eventually("an answer to \(target)") {
            answers.count > count ? answers[count] : nil
        }
    }

    func begin(_ target: String) {
        let request = Request(method: .get, target: target, headers: [:])
        host.fetch(request, of: place) { [self] answer in
            switch answer {
            case .response(let response):
                answers.append(String(decoding: response.body, as: UTF8.self))
            case .moved: answers.append("moved")
            }
        }
    }

    func stop() { host.stop(PartitionSet([place.partition])) { [self] in isStopped = true } }

    // MARK: - The other node

    func send(
        _ batch: RecordBatch,
        to node: NodeID,
        ended: @escaping @Sendable (RecordDelivery) -> Void
    ) {
        sent.append((batch, ended))
    }

    /// What the other node hands to this one.
    func receive(_ purpose: RecordBatch.Purpose, _ record: ObjectRecord) -> Bool {
        host.records.receive(
            RecordBatch(
                purpose: purpose,
                epoch: Epoch(epoch),
                sender: NodeRun(id: Self.other, incarnation: Incarnation(1)),
                records: [record]
            )
        )
    }

    func record(due: Int64? = nil, snapshot: [UInt8]? = nil) -> ObjectRecord {
        ObjectRecord(
            key: key,
            revision: ObjectRecord.Revision(epoch: Epoch(1), counter: 1),
            since: Epoch(1),
            alarms: due.map { [ObjectRecord.Alarm(name: "", scheduledAt: $0, dueAt: $0)] } ?? [],
            snapshot: snapshot
        )
    }
}

/// What an `AlarmObject` is to do, and has done.
final class AlarmScript: Sendable {
    struct State {
        var log: [String] = []
        var isFailing = false
        var snapshot: [UInt8]?
    }

    private let state = Mutex(State())

    var log: [String] { state.withLock { $0.log } }
    func note(_ line: String) { state.withLock { $0.log.append(line) } }

    var isFailing: Bool {
        get { state.withLock { $0.isFailing } }
        set { state.withLock { $0.isFailing = newValue } }
    }

    var snapshot: [UInt8]? {
        get { state.withLock { $0.snapshot } }
        set { state.withLock { $0.snapshot = newValue } }
    }
}

/// Sets alarms as it is asked to, and notes all that happens to it.
actor AlarmObject: DurableObject {
    /// By the name of the object.
    static let scripts = Mutex<[String: AlarmScript]>([:])

    struct Failure: Error {}

    let context: ObjectContext
    private let script: AlarmScript

    init(context: ObjectContext) {
        self.context = context
        script = Self.scripts.withLock { $0[context.key.name] } ?? AlarmScript()
    }

    /// `set/{name}/{milliseconds from now}`, `delete/{name}`, or anything else for the list.
    func fetch(_ request: Request) async throws -> Response {
        let words = request.target.split(separator: "/").map(String.init)
        switch words.first {
        case "set":
            let delay = words.count > 2 ? Double(words[2]) ?? 0 : 0
            do {
                try await context.setAlarm(
                    words[1],
                    at: Date(timeIntervalSinceNow: delay / 1_000)
                )
            } catch let error as AlarmError {
                return .text("\(error)")
            }
        case "delete": try await context.deleteAlarm(words[1])
        default: break
        }
        script.note("fetch")
        return .text(context.alarms.map(\.name).joined(separator: ","))
    }

    func alarm(_ alarm: Alarm) async throws {
        script.note("alarm \(alarm.name) \(alarm.attempt)")
        if script.isFailing { throw Failure() }
    }

    func snapshot() async throws -> Snapshot? {
        script.note("snapshot")
        return try script.snapshot.map { try Snapshot(bytes: $0) }
    }

    func didTakeOver(_ takeOver: TakeOver) async throws {
        let bytes = takeOver.snapshot.map { "\($0.bytes)" } ?? "nothing"
        script.note("\(takeOver.isPlanned ? "planned" : "unplanned") \(bytes)")
    }
}
