import Placement
import Primitives
import Testing

/// The messages of a process that asks for its name.
@Suite struct InquiryTests {
    private let run: NodeRun
    private let voter: NodeID

    init() throws {
        run = NodeRun(id: try #require(NodeID("newcomer")), incarnation: Incarnation(9))
        voter = try #require(NodeID("voter"))
    }

    private var all: [Inquiry] {
        let member = OwnershipMember(run: run, address: .loopback(port: 7), machine: 5)
        let cluster = ClusterID(founders: 1, unique: 2)
        let answers: [NameVerdict] = [
            .unknown, .free(voters: 5), .held(by: SocketAddress(ip: .v4(9), port: 8)),
        ]
        return [
            .ask(member, cluster, isPredecessorDead: true, isRelayed: false),
            .ask(member, .none, isPredecessorDead: false, isRelayed: true),
        ] + answers.map { .answer($0, to: run, from: voter) }
    }

    @Test func `what was written is read`() throws {
        for inquiry in all { #expect(try Inquiry(decoding: inquiry.encoded[...]) == inquiry) }
    }

    @Test func `a part of a message, or more than one, is none`() {
        for inquiry in all {
            let bytes = inquiry.encoded
            for count in 0..<bytes.count {
                #expect(throws: ByteError.self) { try Inquiry(decoding: bytes.prefix(count)) }
            }
            #expect(throws: ByteError.self) { try Inquiry(decoding: (bytes + [0])[...]) }
        }
    }

    @Test func `kinds and verdicts that there are not are refused`() {
        for kind in [0, 3, 255] as [UInt8] {
            #expect(throws: ByteError.self) { try Inquiry(decoding: [kind]) }
        }
        var bytes = Inquiry.answer(.unknown, to: run, from: voter).encoded
        bytes[bytes.count - 1] = 3
        #expect(throws: ByteError.self) { try Inquiry(decoding: bytes[...]) }
    }
}
