/* One byte there, the same byte back, one after the other on one connection: latency without any load.
 *
 *   roundtrip ADDRESS PORT SECONDS [PER-SECOND]      PER-SECOND: a pace instead of as fast as answers come
 *
 * Prints {"exchanges":N,"seconds":S,"p50_us":..,"p99_us":..,"p999_us":..}. A wrong byte ends it with status 1.
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int connected(const char *address, const char *port)
{
    const int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {.tv_sec = 5};
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &there.sin_addr) != 1)
        FAIL("roundtrip: %s is not an IPv4 address", address);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)&there, sizeof there) != 0)
        FAIL("roundtrip: connect to %s port %s: %m", address, port);
    return fd;
}

static void pause_until(uint64_t ns)
{
    const struct timespec then = {.tv_sec = (time_t)(ns / NANOSECONDS), .tv_nsec = (long)(ns % NANOSECONDS)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        FAIL("usage: roundtrip ADDRESS PORT SECONDS [PER-SECOND]");
    const int fd = connected(argv[1], argv[2]);
    const uint64_t gap = argc > 4 ? NANOSECONDS / (uint64_t)atol(argv[4]) : 0;
    const uint64_t start = now_ns(), end = start + (uint64_t)(atof(argv[3]) * NANOSECONDS);
    struct latencies latencies = {0};
    uint64_t before, after = start;
    do {
        if (gap != 0)
            pause_until(start + latencies.count * gap);
        const char sent = (char)latencies.count;
        char got;
        before = now_ns();
        if (write(fd, &sent, 1) != 1 || read(fd, &got, 1) != 1)
            FAIL("roundtrip: the connection broke after %zu exchanges: %m", latencies.count);
        after = now_ns();
        if (got != sent)
            FAIL("roundtrip: %d came back for %d", got, sent);
        latency_add(&latencies, after - before);
    } while (after < end);
    printf("{\"exchanges\":%zu,\"seconds\":%.6f", latencies.count, (double)(after - start) / NANOSECONDS);
    latency_print(&latencies);
    puts("}");
    return 0;
}
