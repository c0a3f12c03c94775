import Testing
import Transport

@testable import Node

/// Who goes when more connections come than there are places.
@Suite struct HandshakePlacesTests {
    private var places = HandshakePlaces()

    @Test mutating func `the silent keep their places, past the limit the oldest goes`() {
        let count = UInt64(HandshakePlaces.silentMax)
        for number in 1...count { #expect(places.enter(number) == nil) }
        #expect(places.enter(count + 1) == 1)
        #expect(places.enter(count + 2) == 2)
    }

    @Test mutating func `the answered keep their places, past the limit the oldest goes`() {
        let count = UInt64(HandshakePlaces.answeredMax)
        for number in 1...count {
            #expect(places.enter(number) == nil)
            #expect(places.answer(number) == nil)
        }
        #expect(places.enter(count + 1) == nil)
        #expect(places.answer(count + 1) == 1)
    }

    @Test mutating func `the silent displace nobody who was answered`() {
        for number in 1...UInt64(HandshakePlaces.answeredMax) {
            #expect(places.enter(number) == nil)
            #expect(places.answer(number) == nil)
        }
        let flood = UInt64(1_001)...2_000
        let displaced = flood.compactMap { places.enter($0) }
        #expect(displaced == Array(flood.dropLast(HandshakePlaces.silentMax)))
    }

    @Test mutating func `the answered displace nobody who is silent`() {
        for number in 1..<UInt64(HandshakePlaces.silentMax) {
            #expect(places.enter(number) == nil)
        }
        let flood = UInt64(1_001)...2_000
        var displaced: [UInt64] = []
        for number in flood {
            #expect(places.enter(number) == nil)
            if let oldest = places.answer(number) { displaced.append(oldest) }
        }
        #expect(displaced == Array(flood.dropLast(HandshakePlaces.answeredMax)))
    }

    @Test mutating func `who has gone leaves a place`() {
        let count = UInt64(HandshakePlaces.silentMax)
        for number in 1...count { #expect(places.enter(number) == nil) }
        places.leave(1)
        #expect(places.enter(count + 1) == nil)
        #expect(places.answer(2) == nil)
        places.leave(2)
        #expect(places.enter(count + 2) == nil)
        #expect(places.enter(count + 3) == 3)
    }

    @Test mutating func `who was displaced is answered no more`() {
        let count = UInt64(HandshakePlaces.silentMax)
        for number in 1...count + 1 { _ = places.enter(number) }
        #expect(places.answer(1) == nil)
        for number in 2...UInt64(HandshakePlaces.answeredMax) + 1 {
            #expect(places.answer(number) == nil)
        }
    }

    /// However fast they come: a turn accepts so many and no more.
    @Test mutating func `who had spoken when it was accepted is read before it is displaced`() {
        let perTurn = Listener.acceptsPerTurnMax
        #expect(places.enter(1) == nil)
        var displaced: [UInt64] = []
        for number in 2...UInt64(2 * perTurn) {
            if let oldest = places.enter(number) { displaced.append(oldest) }
        }
        #expect(displaced.isEmpty)
        #expect(places.enter(UInt64(2 * perTurn) + 1) == 1)
    }
}
