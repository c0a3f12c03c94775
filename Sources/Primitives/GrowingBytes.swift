extension [UInt8] {
    /// From this size on an array that is received piece by piece gets `growth` times its size at once.
    package static let bytesGrown = 1 << 20
    package static let growth = 32

    /// Makes room for `count` more bytes of what may have up to `limit` in all, in few and early steps.
    ///
    /// To copy megabytes when they no longer fit takes milliseconds that everybody else on the loop
    /// waits. Room that nothing is written to takes no memory of the machine. Below `bytesGrown` nothing
    /// is done: the array doubles by itself.
    package mutating func makeRoom(for count: Int, limit: Int) {
        let needed = self.count + count
        guard needed > capacity, needed >= Self.bytesGrown else { return }
        reserveCapacity(Swift.max(needed, Swift.min(needed * Self.growth, limit)))
    }
}
