extension NodeConfiguration {
    /// The bounds of what clients and objects may take of this node.
    package struct Limits: Equatable, Sendable {
        /// The request line and the header fields of one request, in bytes.
        package var headerBytes = 16 << 10
        /// How many header fields one request may have.
        package var headerFields = 100
        /// How long after accept the header of the first request may take.
        package var headerTime = Duration.seconds(10)
        /// One message of a client.
        package var messageBytes = 32 << 20
        /// The body of one request.
        package var bodyBytes = 32 << 20
        /// How many messages of one client are taken in a second; 0 is no such limit.
        package var messagesPerSecond = 0
        /// How many bytes of its messages are.
        package var bytesPerSecond = 0
        /// How many pings and pongs one client may send in a second; 0 is no such limit.
        package var controlFramesPerSecond = 100
        /// What may wait for one slow client; a message is taken while less than this waits.
        package var sendQueueBytes = 1 << 20
        /// How long a session is held while its object has no owner.
        package var parkedTime = Duration.seconds(30)
        /// What one client may send meanwhile, in bytes.
        package var parkedBytes = 1 << 20
        /// What one client may send meanwhile, in messages.
        package var parkedFrames = 1_024
        /// How many sessions one object may have, over the whole cluster.
        package var socketsPerObject = 32_768
        /// What may wait in the memory of this node for all of its clients.
        package var bufferBytes = 1 << 30
        /// How many clients may be connected to this node at once.
        package var connections = 16_384
        /// How many of them may come from one IP address; 0 is no such limit.
        package var connectionsPerAddress = 0
        /// How many events may wait for one object.
        package var inboxFrames = 16_384
        /// How long an object without events stays in memory.
        package var idleTime = Duration.seconds(10)
        /// How long the making of an object's instance may take.
        package var makingTime = Duration.seconds(30)
        /// How long the other side may take to answer a Close.
        package var closeTime = Duration.seconds(5)
        /// What one connection may keep in memory for its compression between two messages.
        package var compressionBytes = 128 << 10
        /// What all of them may keep.
        package var compressionTotalBytes = 64 << 20
        /// How long an HTTP connection may be idle between requests.
        package var keepAliveTime = Duration.seconds(75)
    }
}
