import Primitives
import Wire

/// A frame written byte by byte from RFC 6455 section 5.2, so that the product's own encoder is not
/// its own judge, and so that every rule can be broken.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var fin = true
    var rsv: UInt8 = 0

    static func text(_ text: String, fin: Bool = true, rsv: UInt8 = 0) -> RawFrame {
        RawFrame(opcode: 1, payload: [UInt8](text.utf8), fin: fin, rsv: rsv)
    }

    static func text(_ payload: [UInt8], fin: Bool = true) -> RawFrame {
        RawFrame(opcode: 1, payload: payload, fin: fin)
    }

    static func binary(_ payload: [UInt8], fin: Bool = true) -> RawFrame {
        RawFrame(opcode: 2, payload: payload, fin: fin)
    }

    static func more(_ text: String, fin: Bool = false) -> RawFrame {
        RawFrame(opcode: 0, payload: [UInt8](text.utf8), fin: fin)
    }

    static func more(_ payload: [UInt8], fin: Bool = false) -> RawFrame {
        RawFrame(opcode: 0, payload: payload, fin: fin)
    }

    static func last(_ text: String) -> RawFrame { more(text, fin: true) }
    static func ping(_ text: String = "") -> RawFrame {
        RawFrame(opcode: 9, payload: [UInt8](text.utf8))
    }
    static func pong(_ text: String = "") -> RawFrame {
        RawFrame(opcode: 10, payload: [UInt8](text.utf8))
    }
    static let emptyClose = RawFrame(opcode: 8)
    static func close(_ code: UInt16, _ reason: String = "") -> RawFrame {
        RawFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason.utf8)
    }

    static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    private func header(masked: Bool) -> [UInt8] {
        let first = (fin ? 0x80 : 0) | rsv << 4 | opcode
        let bit: UInt8 = masked ? 0x80 : 0
        let count = payload.count
        if count < 126 { return [first, bit | UInt8(count)] }
        if count < 65_536 { return [first, bit | 126, UInt8(count >> 8), UInt8(count & 0xFF)] }
        return [first, bit | 127]
            + stride(from: 56, through: 0, by: -8).map { UInt8(count >> $0 & 0xFF) }
    }

    /// As a client sends it.
    var masked: [UInt8] {
        header(masked: true) + Self.key
            + payload.enumerated().map { $0.element ^ Self.key[$0.offset % 4] }
    }

    /// As a server sends it.
    var unmasked: [UInt8] { header(masked: false) + payload }
}

extension [RawFrame] {
    var masked: [UInt8] { flatMap(\.masked) }
    var unmasked: [UInt8] { flatMap(\.unmasked) }
}

extension [UInt8] {
    /// The bytes cut at `points`, which are in order.
    func cut(at points: [Int]) -> [[UInt8]] {
        zip([0] + points, points + [count]).map { [UInt8](self[$0..<$1]) }
    }

    var oneByOne: [[UInt8]] { map { [$0] } }
}
