import Primitives
import Testing
import Transport

@testable import Node

@Suite(.onTestLoop) struct ObjectIndexTests {
    private let fixture: ObjectHostFixture

    init() throws { fixture = try ObjectHostFixture() }

    private func object(_ name: Int) throws -> HostedObject {
        let key = try #require(ObjectKey(className: "LatchObject", name: "\(name)"))
        let place = ObjectPlace(
            key: key,
            partition: fixture.place.partition,
            epoch: fixture.place.epoch
        )
        return HostedObject(place: place, host: fixture.host)
    }

    /// Whatever the hashes are: the usual ones, ten for all keys, or one.
    @Test(arguments: [Int.max, 10, 1])
    func `it finds what is there, and nothing else`(hashCount: Int) throws {
        var table = ObjectIndex { $0.hashValue % hashCount }
        let objects = try (0..<100).map(object)
        func check(_ isThere: (Int) -> Bool) {
            for (index, object) in objects.enumerated() {
                #expect((table[object.key] === object) == isThere(index))
                #expect((table[object.key] == nil) == !isThere(index))
            }
            #expect(table.count == objects.indices.count(where: isThere))
        }
        for object in objects { table.insert(object) }
        check { _ in true }
        for object in objects[..<50] { table.remove(object) }
        check { $0 >= 50 }
        for object in objects[..<25] { table.insert(object) }
        check { $0 < 25 || $0 >= 50 }
        for index in objects.indices where index < 25 || index >= 50 {
            table.remove(objects[index])
        }
        check { _ in false }
    }
}
