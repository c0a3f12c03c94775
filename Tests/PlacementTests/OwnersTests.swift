import Primitives
import Testing

@testable import Placement

@Suite struct OwnersTests {
    @Test(arguments: [1, 2, 5, 40])
    func `the partitions of each candidate are those where it is first`(count: Int) {
        let candidates = (1...count).compactMap { number in
            NodeID("node-\(number)").flatMap {
                Candidate(PlacementMember(id: $0, weight: UInt16(number % 3 == 0 ? 250 : 100)))
            }
        }.sorted()
        let rendezvous = Rendezvous(candidates: candidates)
        let partitions = stride(from: 0, to: 65_536, by: 7).map { PartitionID(UInt16($0)) }
        var total = 0
        for index in candidates.indices {
            let won = rendezvous.partitions(partitions, wonBy: index)
            total += won.count
            #expect(won == partitions.filter { rendezvous.winner(in: Int($0.value)) == index })
        }
        #expect(total == partitions.count)
    }
}
