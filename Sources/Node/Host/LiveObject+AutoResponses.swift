import Wire

// What the edges answer for an object without a word to it. Each socket's edge keeps the whole of
// it, so it survives this instance; of what different edges bring along the latest counts.
extension LiveObject {
    /// The instance has said what is to be answered from now on.
    func setAutoResponses(
        _ texts: [(request: String, response: String)]
    ) throws(AutoResponseError) {
        let number = min(autoResponses.number, .max - 1) + 1
        let responses = try AutoResponses(texts, number: number)
        hasSetAutoResponses = true
        guard responses.pairs != autoResponses.pairs else { return }
        autoResponses = responses
        for socket in object.sockets { socket.tell(.autoResponses(responses)) }
    }

    /// The instance begins: what its sockets have brought along holds for all of them.
    func settleAutoResponses() {
        for socket in object.sockets { adopt(socket.notes.autoResponses) }
        for socket in object.sockets { settleAutoResponses(of: socket) }
    }

    /// A socket of an earlier instance has come, and its edge knows that it may stay.
    func settleLate(_ socket: ObjectSocket) {
        // Before the instance begins, `settleAutoResponses` looks at all of them.
        guard epoch != nil else { return }
        let former = autoResponses
        if !hasSetAutoResponses { adopt(socket.notes.autoResponses) }
        if autoResponses.pairs == former.pairs {
            settleAutoResponses(of: socket)
        } else {
            for socket in object.sockets { settleAutoResponses(of: socket) }
        }
    }

    private func adopt(_ responses: AutoResponses) {
        if responses.number > autoResponses.number { autoResponses = responses }
    }

    /// Tells the edge only when it does not know it.
    func settleAutoResponses(of socket: ObjectSocket) {
        guard socket.notes.autoResponses.pairs != autoResponses.pairs else {
            // One copy for all of them.
            return socket.share(autoResponses)
        }
        socket.tell(.autoResponses(autoResponses))
    }
}
