import Primitives

/// The objects of one loop, found by their keys.
///
/// In little space: a place has the hash of a key and the object, which has the key itself. Clients
/// choose the names, and the hash is one that they cannot foresee.
struct ObjectIndex {
    private let hash: (ObjectKey) -> Int
    /// The first one of each hash.
    private var objects: [Int: HostedObject] = [:]
    /// Those whose hash another one had when they came: hardly ever any.
    private var others: [ObjectKey: HostedObject] = [:]

    init(hash: @escaping (ObjectKey) -> Int = { $0.hashValue }) { self.hash = hash }

    var count: Int { objects.count + others.count }

    subscript(key: ObjectKey) -> HostedObject? {
        if let object = objects[hash(key)], object.key == key { return object }
        return others.isEmpty ? nil : others[key]
    }

    /// Must be of a key that is not there.
    mutating func insert(_ object: HostedObject) {
        let hash = hash(object.key)
        if objects[hash] == nil { objects[hash] = object } else { others[object.key] = object }
    }

    mutating func remove(_ object: HostedObject) {
        let hash = hash(object.key)
        if objects[hash] === object { objects[hash] = nil } else { others[object.key] = nil }
    }
}
