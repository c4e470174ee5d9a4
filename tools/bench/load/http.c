/* HTTP requests at a given rate, the same for every load balancer: what a request costs is only comparable then.
 *
 *   http ADDRESS PORT PATH RATE SECONDS CONNECTIONS keep|close
 *
 * Latency counts from the moment a request was due, so a stall is charged to all requests it delayed. "close" opens a connection
 * for each request. Every answer has to be a 200 of the same length as the first.
 * Prints {"requests":N,"late":N,"seconds":S,"p50_us":..,"p99_us":..,"p999_us":..}; late: due, but not answered in time.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 1024, HEADERS = 2048 };

/* One place for a request on its way. */
struct place {
    int fd;
    uint64_t due;
    size_t got, expected; /* bytes of the answer; expected is 0 until its headers are complete */
    bool asked;
    char headers[HEADERS];
};

static struct {
    struct sockaddr_in there;
    char request[1024];
    size_t request_length, answer_length;
    bool keep;
    int set;
    struct place places[MOST_CONNECTIONS];
    struct place *idle[MOST_CONNECTIONS];
    int idle_count;
    struct latencies latencies;
} run;

static void ask(struct place *place)
{
    place->got = place->expected = 0;
    place->asked = true;
    if (send(place->fd, run.request, run.request_length, MSG_NOSIGNAL) != (ssize_t)run.request_length)
        FAIL("http: send: %m");
}

static void connect_place(struct place *place)
{
    const int on = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = place};
    place->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    place->got = 0;
    place->asked = false;
    if (place->fd < 0)
        FAIL("http: socket: %m");
    setsockopt(place->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(place->fd, (const struct sockaddr *)&run.there, sizeof run.there) != 0 && errno != EINPROGRESS)
        FAIL("http: connect: %m");
    epoll_ctl(run.set, EPOLL_CTL_ADD, place->fd, &event);
}

static void begin(struct place *place, uint64_t due)
{
    place->due = due;
    if (place->fd < 0)
        connect_place(place);
    else
        ask(place);
}

static void check_headers(struct place *place)
{
    place->headers[place->got < HEADERS ? place->got : HEADERS - 1] = '\0';
    const char *end = strstr(place->headers, "\r\n\r\n");
    if (end == NULL)
        return;
    const char *length = strcasestr(place->headers, "\r\ncontent-length:");
    if (strncmp(place->headers, "HTTP/1.1 200 ", 13) != 0 || length == NULL)
        FAIL("http: not a 200 with a length: %.60s", place->headers);
    const size_t body = (size_t)atol(length + 17);
    if (run.answer_length == 0)
        run.answer_length = body;
    if (body != run.answer_length)
        FAIL("http: an answer of %zu bytes after one of %zu", body, run.answer_length);
    place->expected = (size_t)(end - place->headers) + 4 + body;
}

static void finish(struct place *place)
{
    latency_add(&run.latencies, now_ns() - place->due);
    place->asked = false;
    if (!run.keep) {
        close(place->fd);
        place->fd = -1;
    }
    run.idle[run.idle_count++] = place;
}

static void receive(struct place *place)
{
    char rest[16384];
    for (;;) {
        const bool headers = place->expected == 0;
        const ssize_t got = recv(place->fd, headers ? place->headers + place->got : rest,
            headers ? HEADERS - 1 - place->got : sizeof rest, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0)
            FAIL("http: the connection ended %zu bytes into an answer: %s", place->got, got < 0 ? strerror(errno) : "closed");
        place->got += (size_t)got;
        if (headers)
            check_headers(place);
        if (place->expected != 0 && place->got >= place->expected) {
            finish(place);
            return;
        }
    }
}

static void handle(struct place *place, uint32_t events)
{
    if ((events & EPOLLOUT) && !place->asked && place->got == 0) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(place->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            FAIL("http: connect: %s", strerror(error));
        ask(place);
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && place->asked)
        receive(place);
}

/* Waits for events, at most until the next request is due. */
static void wait_for_events(uint64_t until)
{
    struct epoll_event events[64];
    const uint64_t now = now_ns(), left = until > now ? until - now : 0;
    const struct timespec wait = {.tv_sec = (time_t)(left / NANOSECONDS), .tv_nsec = (long)(left % NANOSECONDS)};
    const int ready = epoll_pwait2(run.set, events, 64, &wait, NULL);
    for (int i = 0; i < ready; i++)
        handle(events[i].data.ptr, events[i].events);
}

static void prepare(char **arguments)
{
    const int connections = atoi(arguments[6]);
    run.there = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
    run.keep = strcmp(arguments[7], "keep") == 0;
    run.set = epoll_create1(0);
    if (inet_pton(AF_INET, arguments[1], &run.there.sin_addr) != 1 || connections < 1 || connections > MOST_CONNECTIONS)
        FAIL("http: wrong address, or not 1 to %d connections", MOST_CONNECTIONS);
    run.request_length = (size_t)snprintf(run.request, sizeof run.request, "GET %s HTTP/1.1\r\nHost: bench\r\n%s\r\n",
        arguments[3], run.keep ? "" : "Connection: close\r\n");
    for (int i = 0; i < connections; i++) {
        run.places[i].fd = -1;
        run.idle[run.idle_count++] = &run.places[i];
    }
}

int main(int argc, char **argv)
{
    if (argc != 8)
        FAIL("usage: http ADDRESS PORT PATH RATE SECONDS CONNECTIONS keep|close");
    prepare(argv);
    const uint64_t gap = (uint64_t)(NANOSECONDS / atof(argv[4]));
    const uint64_t start = now_ns(), end = start + (uint64_t)(atof(argv[5]) * NANOSECONDS);
    uint64_t due = start;
    while (now_ns() < end) {
        while (due <= now_ns() && due < end && run.idle_count > 0) {
            begin(run.idle[--run.idle_count], due);
            due += gap;
        }
        wait_for_events(run.idle_count > 0 && due < end ? due : end);
    }
    printf("{\"requests\":%zu,\"late\":%llu,\"seconds\":%.6f", run.latencies.count,
        (unsigned long long)((end - start) / gap) - (unsigned long long)run.latencies.count, (double)(now_ns() - start) / NANOSECONDS);
    latency_print(&run.latencies);
    puts("}");
    return 0;
}
