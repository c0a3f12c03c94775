import Placement
import Testing

@testable import Node

@Suite struct ObjectRegistryTests {
    @Test func `a node tells others what it runs`() throws {
        let registry = try ObjectRegistry([Numbered<Zero>.self, Numbered<Next<Zero>>.self])
        #expect(registry.names == ["Numbered-0", "Numbered-1"])
        #expect(registry.classes == ClassSet(registry.names.map(ClassHash.init(of:))))
    }

    @Test func `a node registers at most sixty-four classes`() throws {
        let types = Self.types(ClassSet.countMax + 1)
        #expect(try ObjectRegistry(types.dropLast()).names.count == 64)
        #expect(throws: RegistrationError.tooMany(limit: 64)) { try ObjectRegistry(types) }
        #expect("\(RegistrationError.tooMany(limit: 64))" == "a node registers at most 64 classes")
    }

    @Test func `two classes of one name are refused`() {
        let type = Numbered<Zero>.self
        #expect(throws: RegistrationError.twoOfOneName("Numbered-0")) {
            try ObjectRegistry([type, type])
        }
    }

    private static func types(_ count: Int) -> [any DurableObject.Type] {
        var types: [any DurableObject.Type] = []
        func add<Number: Counted>(_ number: Number.Type) {
            types.append(Numbered<Number>.self)
            if types.count < count { add(Next<Number>.self) }
        }
        add(Zero.self)
        return types
    }
}

private protocol Counted { static var number: Int { get } }

private enum Zero: Counted { static let number = 0 }

private enum Next<Former: Counted>: Counted { static var number: Int { Former.number + 1 } }

/// One class for each number.
private actor Numbered<Number: Counted>: DurableObject {
    static var className: String { "Numbered-\(Number.number)" }

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }
}
