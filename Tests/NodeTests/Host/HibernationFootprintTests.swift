import Foundation
import Glibc
import Placement
import Primitives
import Testing
import Transport
import Wire

@testable import Node

/// What objects cost that sleep with open sockets, in a process of their own.
///
/// With `ROOKERY_FOOTPRINT=100000` it holds so many sockets; `swift test --filter Footprint` prints
/// what it has found.
@Suite struct HibernationFootprintTests {
    @Test func `an object that sleeps costs less than 300 bytes besides its sockets`() async {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) {
            let text = ProcessInfo.processInfo.environment["ROOKERY_FOOTPRINT"]
            let count = text.flatMap { Int($0) } ?? 4_000
            try await withTaskExecutorPreference(TestLoop.shared) {
                let footprint = try await Footprint.measured(sockets: count)
                print(footprint)
                #expect(footprint.perObject < 300)
            }
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        for line in output.split(separator: "\n") where line.hasPrefix("footprint:") { print(line) }
    }
}

/// The memory of objects that sleep.
private struct Footprint: CustomStringConvertible {
    let sockets: Int
    let perObject: Int
    let perSocket: Int

    var description: String {
        "footprint: \(sockets) sleeping objects: \(perObject) bytes per object, "
            + "\(perSocket) per socket at its object"
    }

    /// So many sockets once with an object each, and once with an object for fifty.
    static func measured(sockets: Int) async throws -> Footprint {
        // What is made once.
        _ = try await Crowd(objects: 100, socketsOfEach: 2)
        let many = try await Crowd(objects: sockets, socketsOfEach: 1)
        let few = try await Crowd(objects: sockets / 50, socketsOfEach: 50)
        let perObject = (many.bytes - few.bytes) / (sockets - sockets / 50)
        return Footprint(
            sockets: sockets,
            perObject: perObject,
            perSocket: many.bytes / sockets - perObject
        )
    }
}

/// Objects of one loop that sleep, each with sockets of clients elsewhere.
private final class Crowd {
    private(set) var bytes = 0
    private let host: ObjectHost
    private var inlets: [SocketInlet] = []

    init(objects: Int, socketsOfEach: Int) async throws {
        let fixture = try SocketNotesFixture(of: QuietObject.self)
        host = fixture.shard.host
        let lane = fixture.bound
        // These are the edge's, or the test's: they are not counted.
        inlets.reserveCapacity(objects * socketsOfEach)
        for _ in 0..<(objects * socketsOfEach) { inlets.append(SocketInlet()) }
        let before = try Self.allocated()
        var next = 0
        for number in 0..<objects {
            let key = try #require(ObjectKey(className: "QuietObject", name: "object-\(number)"))
            let partition = fixture.shard.routes.view.partition(of: key)
            let place = ObjectPlace(key: key, partition: partition, epoch: Epoch(1))
            for _ in 0..<socketsOfEach {
                let offer = SocketOffer(
                    id: .random(),
                    key: key,
                    opening: OpeningRequest(Request(method: .get, target: "/", headers: [:])),
                    isAccepted: true,
                    firstMessage: 0,
                    redelivered: 0,
                    notes: SocketNotes()
                )
                let stream = StreamID(UInt32(next + 1))
                let path = SocketPath.remote(lane, stream)
                inlets[next].socket = try host.attach(offer, path: path, at: place).get()
                next += 1
            }
            if number % 100 == 99 || number == objects - 1 {
                try await eventually("these sleep", every: .microseconds(100)) {
                    areAsleep(through: number) ? () : nil
                }
            }
        }
        bytes = try Self.allocated() - before
        #expect(host.liveCount == 0)
        #expect(host.socketCount == objects * socketsOfEach)
    }

    /// False while some of the last hundred have something to do.
    private func areAsleep(through last: Int) -> Bool {
        for number in max(0, last - 99)...last {
            if let key = ObjectKey(className: "QuietObject", name: "object-\(number)") {
                _ = host.hibernate(key)
            }
        }
        return host.activity["hibernations"] == UInt64(last + 1)
    }

    /// What the process has allocated and not given back, as `malloc_info` of glibc tells it.
    private static func allocated() throws -> Int {
        typealias Info = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32
        let symbol = try #require(dlsym(nil, "malloc_info"), "this needs glibc")
        var (text, count) = (UnsafeMutablePointer<CChar>(nil), 0)
        let stream = try #require(open_memstream(&text, &count))
        _ = unsafeBitCast(symbol, to: Info.self)(0, stream)
        fclose(stream)
        defer { free(text) }
        // What follows the last heap are the sums.
        let written = text.map { String(cString: $0) }
        let all = try #require(written)
        let sums = try #require(all.components(separatedBy: "</heap>").last)
        func size(_ element: String) throws -> Int {
            let line = sums.split(separator: "\n").first { $0.contains("<\(element)") }
            let digits = line?.components(separatedBy: "size=\"").last?.prefix(while: \.isNumber)
            guard let value = digits.flatMap({ Int($0) }) else { throw Overdue(what: element) }
            return value
        }
        return try size("system type=\"current\"") + size("total type=\"mmap\"")
            - size("total type=\"fast\"") - size("total type=\"rest\"")
    }
}

private actor QuietObject: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }
}
