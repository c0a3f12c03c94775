/// How much of a message is taken before it is refused; each limit is per message.
package struct HTTPLimits: Equatable, Sendable {
    /// The whole head, from the first line to the empty one, in bytes.
    package var headBytesMax = 16 * 1_024
    /// The fields of a head, and as many again in a trailer.
    package var fieldCountMax = 100
    /// Longer than the method of any registry.
    package var methodBytesMax = 32
    /// The second word of the first line, in bytes.
    package var targetBytesMax = 8 * 1_024
    /// The body without its chunk lines, in bytes.
    package var bodyBytesMax = 32 * 1_024 * 1_024
    /// The line before a chunk, extensions and line break included, in bytes.
    package var chunkLineBytesMax = 256
    /// The fields after the last chunk, in bytes.
    package var trailerBytesMax = 4 * 1_024
    /// Empty lines before a request; some clients send one after the body of the last.
    package var emptyLineCountMax = 4

    /// The defaults.
    package init() {}
}
