import Testing

/// Everything that needs real `rook` processes: one test at a time, so that each has the machine.
@Suite(.serialized, .onClientLoop) struct ProcessTests {}
