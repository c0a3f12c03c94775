import BuiltIn
import Rookery

/// The node as it comes: with the seed's worker and object, and two objects to try a cluster with.
@main
struct Rook: RookeryApp {
    static let objects: [any DurableObject.Type] = builtInObjects
    static let worker: any Worker = SeedWorker()
    static let examplePaths = ["/websocket", "/objects/Echo/hello"]
}
