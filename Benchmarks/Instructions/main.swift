import Glibc

// Does one work so many times, for who counts the instructions: `instructions WORK COUNT`. Without
// words it names the works. `Scripts/instructions` counts and compares.

let words = CommandLine.arguments.dropFirst()
guard !words.isEmpty else {
    for work in Work.all { print(work.name) }
    exit(0)
}
guard words.count == 2, let name = words.first, let count = words.last.flatMap({ Int($0) }),
    let work = Work.all.first(where: { $0.name == name })
else {
    print("usage: instructions WORK COUNT")
    exit(64)
}
guard work.run(count) else {
    print("\(name) has gone wrong")
    exit(1)
}
