/* Small datagrams at a rate. One call gives the kernel a batch that it cuts itself (UDP_SEGMENT), so that the sender costs
 * little and the rate is held.
 *
 *   datagrams ADDRESS PORT RATE SECONDS BYTES FLOWS
 *
 * Prints {"sent":N,"seconds":S}.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* linux/udp.h */
#endif

enum { BATCH = 32, MOST_FLOWS = 1024, MOST_BYTES = 1024 };

static int flow(const struct sockaddr_in *there, int bytes)
{
    /* A few MB: what a bigger buffer holds would still arrive in the next step. */
    const int buffer = 2 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    static const char opening[MOST_BYTES];
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (connect(fd, (const struct sockaddr *)there, sizeof *there) != 0 || send(fd, opening, (size_t)bytes, 0) < 0
        || setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof bytes) != 0)
        FAIL("datagrams: %m");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 7)
        FAIL("usage: datagrams ADDRESS PORT RATE SECONDS BYTES FLOWS");
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    const double rate = atof(argv[3]);
    const uint64_t length = (uint64_t)(atof(argv[4]) * NANOSECONDS);
    const int bytes = atoi(argv[5]), flows = atoi(argv[6]);
    static int sockets[MOST_FLOWS];
    static const char payload[MOST_BYTES * BATCH];
    if (inet_pton(AF_INET, argv[1], &there.sin_addr) != 1 || bytes < 1 || bytes > MOST_BYTES || flows < 1 || flows > MOST_FLOWS)
        FAIL("datagrams: wrong address, or not 1 to %d bytes, or not 1 to %d flows", MOST_BYTES, MOST_FLOWS);
    for (int i = 0; i < flows; i++)
        sockets[i] = flow(&there, bytes);
    usleep(50000); /* the load balancer opens its connections */
    uint64_t sent = (uint64_t)flows, turn = 0, elapsed;
    const uint64_t start = now_ns();
    while ((elapsed = now_ns() - start) < length) {
        if ((double)sent >= rate * (double)elapsed / NANOSECONDS + flows)
            continue;
        if (send(sockets[turn++ % (uint64_t)flows], payload, (size_t)bytes * BATCH, 0) == bytes * BATCH)
            sent += BATCH;
        else if (errno != ENOBUFS && errno != EAGAIN)
            FAIL("datagrams: send: %m");
    }
    printf("{\"sent\":%llu,\"seconds\":%.6f}\n", (unsigned long long)sent, (double)elapsed / NANOSECONDS);
    return 0;
}
