import BuiltIn
import Rookery

/// The node as it comes: with the seed's object, and the two that clusters are tried with.
@main
struct Rook: RookeryApp {
    static let objects: [any DurableObject.Type] = builtInObjects
}
