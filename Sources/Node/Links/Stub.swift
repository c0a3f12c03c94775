import Primitives
import Transport
import Wire
struct StreamID: Hashable, Sendable { }
final class Lane { 
 let loop: EventLoop; init(loop: EventLoop) { self.loop = loop }
 func send(_ message: WebSocketMessage, on id: StreamID) {}
 func close(_ id: StreamID, code: UInt16, reason: String) {}
 func answerClose(_ id: StreamID) {}
 func detach(_ id: StreamID) {}
 func consumed(_ bytes: Int, on id: StreamID) {}
 func multicast(_ m: WebSocketMessage, to: [StreamID]) {}
 func open(_ o: SessionOpening, for: EdgeStream) {}
 func call(_ request: Request, at place: ObjectPlace, from call: LoopBound<EdgeCall>) {}
}
final class EdgeStream { let session: LoopBound<ClientSession>; init(session: LoopBound<ClientSession>) { self.session = session }
 var queuedBytes: Int { 0 }
 func send(_ m: WebSocketMessage) {}
 func close(code: UInt16, reason: String) {}
 func finish(code: UInt16, reason: String) {}
}
struct LinkRequestHead: Sendable { init(_ r: Request, key: ObjectKey, session: SessionID, isResumed: Bool) {} }
struct SessionOpening: Sendable { let head: LinkRequestHead; let place: ObjectPlace }
