// Everything that an author of objects uses, with one import.

@_exported public import Node
@_exported public import Primitives
@_exported public import Wire
