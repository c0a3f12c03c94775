import Rookery

/// Chat rooms: each is one object, and so is each client's allowance of messages.
@main
struct ChatApp: RookeryApp {
    static let objects: [any DurableObject.Type] = [Room.self, Limiter.self]
    static let worker: any Worker = Front()
}
