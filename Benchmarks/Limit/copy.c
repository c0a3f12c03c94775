// What the kernel takes to bring bytes from one socket to another over TCP on this machine, which no
// link between nodes can save: one thread writes 64 KiB at one end and reads them at the other.
//
//     cc -O3 -o copy copy.c && ./copy        prints GB for each second of its processor time
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 << 10, PIECES = 40000 };

static char piece[PIECE_BYTES];

static double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), from = socket(AF_INET, SOCK_STREAM, 0), to = -1;
    int bytes = 1 << 20; // a piece always fits, so that writing never waits for reading
    setsockopt(from, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (!bind(listener, (struct sockaddr *)&address, length) && !listen(listener, 1) &&
        !getsockname(listener, (struct sockaddr *)&address, &length) &&
        !connect(from, (struct sockaddr *)&address, length))
        to = accept(listener, NULL, NULL);
    if (to < 0) return perror("copy"), 1;
    double begin = processor_seconds();
    for (int i = 0; i < PIECES; i++) {
        if (write(from, piece, PIECE_BYTES) != PIECE_BYTES) return perror("write"), 1;
        for (ssize_t left = PIECE_BYTES, count; left > 0; left -= count)
            if ((count = read(to, piece, (size_t)left)) <= 0) return perror("read"), 1;
    }
    printf("%.3f\n", (double)PIECES * PIECE_BYTES / 1e9 / (processor_seconds() - begin));
}
