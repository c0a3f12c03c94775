/// What a lane has carried since it began.
package struct LinkCounters: Equatable, Sendable {
    package var framesSent: UInt64 = 0
    package var bytesSent: UInt64 = 0
    package var messagesSent: UInt64 = 0
    /// MULTICAST messages written; each crossed the lane once for all of its streams.
    package var multicastsSent: UInt64 = 0
    package var framesReceived: UInt64 = 0
    package var bytesReceived: UInt64 = 0
    package var messagesReceived: UInt64 = 0
    package var multicastsReceived: UInt64 = 0
    /// Frames for streams that are gone, and unknown ones that may be skipped.
    package var framesIgnored: UInt64 = 0
    package var streamsOpened: UInt64 = 0
    package var streamsAccepted: UInt64 = 0
    package var streamsRefused: UInt64 = 0
    package var streamsStalled: UInt64 = 0
    /// Connections that took up the streams where the one before had left them.
    package var resumptions: UInt64 = 0

    package init() {}
}
