/// The looks of `rook doctor`: from what is there to what was found, without asking anybody.
enum DoctorChecks {}
