/// The classes of objects that a node can run, by name.
package struct ObjectRegistry: Sendable {
    private let classes: [String: any DurableObject.Type]

    /// Two classes of one name are our own bug.
    package init(_ types: [any DurableObject.Type]) {
        var classes: [String: any DurableObject.Type] = [:]
        for type in types {
            let earlier = classes.updateValue(type, forKey: type.className)
            precondition(earlier == nil, "two classes are called \(type.className)")
        }
        self.classes = classes
    }

    /// What every node has.
    package static let builtIn = ObjectRegistry([Counter.self, Echo.self, WebSocketServer.self])

    /// In the order of the alphabet.
    package var names: [String] { classes.keys.sorted() }

    package subscript(name: String) -> (any DurableObject.Type)? { classes[name] }
}
