import Primitives

/// The classes of objects that a node can run, by name.
package struct ObjectRegistry: Sendable {
    private let classes: [String: any DurableObject.Type]

    package init(_ types: [any DurableObject.Type]) throws(RegistrationError) {
        var classes: [String: any DurableObject.Type] = [:]
        for type in types {
            let name = type.className
            guard (1...ObjectKey.classByteCountMax).contains(name.utf8.count) else {
                throw .badName(name)
            }
            guard classes.updateValue(type, forKey: name) == nil else {
                throw .twoOfOneName(name)
            }
        }
        self.classes = classes
    }

    /// In the order of the alphabet.
    package var names: [String] { classes.keys.sorted() }

    package subscript(name: String) -> (any DurableObject.Type)? { classes[name] }
}

/// Why a program's classes cannot be registered: its author's mistake.
package enum RegistrationError: Error, Equatable, CustomStringConvertible {
    case twoOfOneName(String)
    /// A class is called by 1 to 128 bytes.
    case badName(String)

    package var description: String {
        switch self {
        case .twoOfOneName(let name): "two classes are called \(name)"
        case .badName(let name):
            "a class is called by 1 to \(ObjectKey.classByteCountMax) bytes, and not \"\(name)\""
        }
    }
}
