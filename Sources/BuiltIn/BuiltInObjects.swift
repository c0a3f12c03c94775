public import Rookery

/// What every node of `rook` can run.
public let builtInObjects: [any DurableObject.Type] = [
    Counter.self, Echo.self, WebSocketServer.self,
]
