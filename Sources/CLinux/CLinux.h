// The Linux calls that Swift's Glibc module does not export. Declarations only: the definitions
// are the C library's own.
//
// _GNU_SOURCE is not defined here: it would change types (fd_set) that Glibc has without it, and
// one program cannot see both. What only _GNU_SOURCE shows is declared by hand.
#ifndef ROOKERY_CLINUX_H
#define ROOKERY_CLINUX_H
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#ifndef __USE_GNU
struct mmsghdr {
    struct msghdr msg_hdr;
    unsigned int msg_len;
};

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int recvmmsg(int descriptor, struct mmsghdr *messages, unsigned int count, int flags,
             struct timespec *timeout);
int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned int count, int flags);
#endif
#endif
