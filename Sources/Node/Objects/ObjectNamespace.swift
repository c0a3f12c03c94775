import Transport

/// The objects of one class, under the names that Durable Objects have for the same.
public struct ObjectNamespace<Object>: Sendable {
    let className: String
    let env: Environment

    /// The identity of the object with this name: the same name is the same object, everywhere.
    public func idFromName(_ name: String) -> ObjectID { ObjectID(name: name) }

    /// The identity of an object that nobody has used: 64 hexadecimal digits, 244 bits of them
    /// random.
    public func newUniqueId() -> ObjectID {
        let numbers = (0..<2).flatMap { _ in
            let random = env.home.map { SessionID.random(using: $0.loop.entropy) } ?? .random()
            return [random.high, random.low]
        }
        return ObjectID(name: numbers.map(SessionID.hex).joined())
    }

    /// The identity that `description` of another one has given.
    public func idFromString(_ text: String) -> ObjectID { ObjectID(name: text) }

    /// A stub for the object with this identity.
    public func get(_ id: ObjectID) -> ObjectStub<Object> {
        ObjectStub(className: className, name: id.name, env: env)
    }

    /// A stub for the object with this name.
    public func getByName(_ name: String) -> ObjectStub<Object> { get(idFromName(name)) }
}

/// Which object of a class: here that is its name.
public struct ObjectID: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 1,024 bytes of UTF-8, or the first request fails.
    public let name: String

    /// The same as the name.
    public var description: String { name }
}
