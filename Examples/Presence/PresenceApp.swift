import Rookery

/// Shared cursors: each plane is one object that keeps nothing but what is on its sockets.
@main
struct PresenceApp: RookeryApp {
    static let objects: [any DurableObject.Type] = [Plane.self]
    static let worker: any Worker = Front()
}
