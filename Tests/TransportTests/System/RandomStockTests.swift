import Testing

@testable import Transport

@Suite struct RandomStockTests {
    @Test func `no word comes twice, over many refills`() {
        var stock = RandomStock()
        let words = (0..<1_000).map { _ in stock.next() }
        #expect(Set(words).count == words.count)
    }
}
