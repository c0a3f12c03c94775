print("rook")
