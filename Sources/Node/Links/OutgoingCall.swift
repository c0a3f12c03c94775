import Primitives
import Transport
import Wire

/// A request of this node to an object elsewhere, until the response is whole.
///
/// Lives on the lane's loop.
final class OutgoingCall {
    let call: LoopBound<EdgeCall>
    private var response: Response?
    private weak var lane: Lane?
    private var id = StreamID.lane

    init(_ call: LoopBound<EdgeCall>) { self.call = call }

    /// The request is on its way.
    func opened(_ id: StreamID, on lane: Lane) {
        self.lane = lane
        self.id = id
    }

    /// Nobody waits for the answer any more.
    func withdraw() {
        lane?.withdraw(id)
    }

    func answered(_ head: LinkResponseHead) {
        let response = Response(head)
        if head.hasBody {
            self.response = response
        } else {
            call.run { $0.finish(response) }
        }
    }

    func received(_ body: [UInt8]) {
        guard var response else { return }
        response.body = body
        call.run { [response] in $0.finish(response) }
    }

    /// The stream has ended: if the response was not whole by then, it never will be.
    func closed() { call.run { $0.lost() } }
}
