import Testing

/// Everything that needs real `rook` processes: one test at a time, so that each has the machine.
@Suite(.serialized, .onClientLoop) struct ProcessTests {}

/// Those of them in which no lease ends: they wait for views more than they work, so they run beside
/// the others, one at a time too.
@Suite(.serialized, .onMoverLoop) struct PlannedProcessTests {}
