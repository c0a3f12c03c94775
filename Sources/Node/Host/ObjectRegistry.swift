package import Placement
import Primitives
import Wire

/// The classes of objects that a node can run, by name.
package struct ObjectRegistry: Sendable {
    private let types: [String: any DurableObject.Type]
    /// What this node says of them to others.
    package let classes: ClassSet
    /// The calls of each class, by their names.
    private let calls: [String: [String: any AnyObjectCall]]

    package init(_ types: [any DurableObject.Type]) throws(RegistrationError) {
        var classes: [String: any DurableObject.Type] = [:]
        var calls: [String: [String: any AnyObjectCall]] = [:]
        for type in types {
            let name = type.className
            guard (1...ObjectKey.classByteCountMax).contains(name.utf8.count) else {
                throw .badName(name)
            }
            guard classes.updateValue(type, forKey: name) == nil else {
                throw .twoOfOneName(name)
            }
            calls[name] = try Self.table(of: type)
        }
        guard let set = ClassSet(types.map { ClassHash(of: $0.className) }) else {
            throw .tooMany(limit: ClassSet.countMax)
        }
        self.types = classes
        self.classes = set
        self.calls = calls
    }

    private static func table(
        of type: any DurableObject.Type
    ) throws(RegistrationError) -> [String: any AnyObjectCall] {
        var table: [String: any AnyObjectCall] = [:]
        for call in type.calls {
            guard (1...LinkCall.nameByteCountMax).contains(call.name.utf8.count) else {
                throw .badName(call.name)
            }
            guard table.updateValue(call, forKey: call.name) == nil else {
                throw .twoOfOneName("\(type.className).\(call.name)")
            }
        }
        return table
    }

    /// In the order of the alphabet.
    package var names: [String] { types.keys.sorted() }

    /// The call of this name that objects of a class take.
    func call(_ name: String, of className: String) -> (any RunnableCall)? {
        calls[className]?[name] as? any RunnableCall
    }

    /// What the calls of a class are called.
    func callNames(of className: String) -> [String] { (calls[className] ?? [:]).keys.sorted() }

    package subscript(name: String) -> (any DurableObject.Type)? { types[name] }
}

/// Why a program's classes cannot be registered: its author's mistake.
package enum RegistrationError: Error, Equatable, CustomStringConvertible {
    case twoOfOneName(String)
    /// A class or a call is called by 1 to 128 bytes.
    case badName(String)
    /// More classes than a node can register.
    case tooMany(limit: Int)

    package var description: String {
        switch self {
        case .twoOfOneName(let name): "two classes or calls are called \(name)"
        case .tooMany(let limit): "a node registers at most \(limit) classes"
        case .badName(let name):
            "a class or a call is called by 1 to \(ObjectKey.classByteCountMax) bytes, and not \"\(name)\""
        }
    }
}
