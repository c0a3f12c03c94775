import Primitives
import Testing

@testable import Wire

/// The same conversation, cut at each of its bytes.
@Suite struct LaneProcessedCutTests {
    /// Cuts the connection as soon as one end has read so many bytes of it, three times over.
    private struct Conversation {
        private(set) var shuttle = LaneShuttle()
        let reader: Int
        let cutAfter: Int
        private var left: Int
        private var cuts = 3
        private(set) var wasCut = false
        private(set) var keepsProcessed = true

        init(cutAfter: Int, readBy reader: Int) throws {
            self.reader = reader
            self.cutAfter = cutAfter
            left = cutAfter
            shuttle.connect()
        }

        /// All that is to be written goes over, up to the cut.
        mutating func exchange() throws {
            for index in 0...1 { shuttle.write(index) }
            for index in 0...1 {
                guard index == reader, cuts > 0 else {
                    try shuttle.read(index)
                    continue
                }
                let count = min(left, shuttle.ends[index].incoming.count)
                try shuttle.read(index, count: count)
                left -= count
                if left == 0 { cut() }
            }
            let (opener, acceptor) = (shuttle.ends[0], shuttle.ends[1])
            if !opener.knowsNoMoreProcessed(than: acceptor) { keepsProcessed = false }
        }

        private mutating func cut() {
            wasCut = true
            cuts -= 1
            left = cutAfter
            shuttle.connect()
        }

        mutating func perform() throws -> [StreamID] {
            var ids: [StreamID] = []
            for byte in 0..<4 as Range<UInt8> {
                ids.append(
                    try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
                )
                for id in ids {
                    _ = shuttle.ends[0].machine.send(id, payload: [byte], isBinary: true)
                }
                try exchange()
                shuttle.ends[1].consume(Int(byte) + 1)
                shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
                shuttle.fireTimers()
                try exchange()
            }
            shuttle.ends[1].machine.close(ids[0], code: 1000)
            try exchange()
            return ids
        }

        mutating func settle() throws {
            cuts = 0
            shuttle.connect()
            try shuttle.settle()
        }
    }

    @Test(arguments: 0...1)
    func `the count never falls, is never too high and is right in the end`(reader: Int) throws {
        var cutAfter = 0
        while true {
            var conversation = try Conversation(cutAfter: cutAfter, readBy: reader)
            let ids = try conversation.perform()
            try conversation.settle()
            #expect(conversation.keepsProcessed, "cut after \(cutAfter)")
            let ends = conversation.shuttle.ends
            for id in ids {
                let processed = ends[0].processed[id]?.last
                #expect(processed == ends[1].taken[id], "cut after \(cutAfter), stream \(id)")
            }
            #expect(ids.dropFirst().allSatisfy { ends[0].received[$0] == nil })
            guard conversation.wasCut else { break }
            cutAfter += 1
        }
        #expect(cutAfter > 250)
    }
}
