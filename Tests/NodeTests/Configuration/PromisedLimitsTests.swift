import Cluster
import Primitives
import Testing
import Wire

@testable import Node

/// The numbers that users were told; each limit has its own tests at it and one past it.
@Suite struct PromisedLimitsTests {
    private let configuration = NodeConfiguration()

    @Test func `a session has the time and the room that were promised`() {
        let settings = ShardSettings(configuration)
        #expect(settings.session.limits.parkedTime == .seconds(30))
        #expect(settings.session.limits.parkedBytesMax == 1 << 20)
        #expect(settings.session.limits.parkedMessagesMax == 1_024)
        #expect(settings.session.limits.windowBytes == 256 << 10)
        #expect(settings.session.pingInterval == .seconds(25))
        #expect(settings.session.pingTimeout == .seconds(20))
        #expect(settings.session.sendQueueBytesMax == 1 << 20)
        #expect(settings.session.webSocket.messageBytesMax == 32 << 20)
        #expect(settings.session.webSocket.fragmentCountMax == 131_072)
        #expect(settings.session.controlFramesPerSecond == 100)
        #expect(settings.session.messagesPerSecond == 0)
        #expect(settings.session.bytesPerSecond == 0)
        #expect(settings.session.answerTime == .seconds(60))
        #expect(settings.session.closeTime == .seconds(5))
        #expect(settings.session.upgradeTime == .seconds(10))
        #expect(settings.http.bodyBytesMax == 32 << 20)
        #expect(settings.timing.requestTime == .seconds(10))
        #expect(settings.timing.keepAliveTime == .seconds(75))
        #expect(settings.buffers.bytesMax == 1 << 30)
        #expect(settings.host.socketsPerObjectMax == 32_768)
        #expect(settings.host.idleTime == .seconds(10))
        #expect(settings.host.makingTime == .seconds(30))
        #expect(settings.host.drainTime == .seconds(5))
        #expect(configuration.limit.headerTime == .seconds(10))
        #expect(configuration.limit.headerBytes == 16 << 10)
        #expect(configuration.limit.headerFields == 100)
    }

    @Test func `what an object may note and set is as large as was promised`() {
        #expect(SocketTags.countMax == 10)
        #expect(SocketTags.characterCountMax == 256)
        #expect(SocketNotes.attachmentBytesMax == 16_384)
        #expect(AutoResponses.countMax == 16)
        #expect(AutoResponses.textBytesMax == 2_048)
        #expect(ClosePayload.reasonBytesMax == 123)
        #expect(ObjectKey.nameByteCountMax == 1_024)
        #expect(ObjectContext.alarmsMax == 256)
        #expect(ObjectRecord.Alarm.attemptMax == 6)
        #expect(Snapshot.byteCountMax == 8 << 20)
        #expect(ObjectStub<Echo>.timeLimit == .seconds(30))
    }

    private struct Echo {}
}
