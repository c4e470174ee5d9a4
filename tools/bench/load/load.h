/* What the load programs share: the clock, latencies, and the way to give up. */
#ifndef SLUICE_BENCH_LOAD_H
#define SLUICE_BENCH_LOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NANOSECONDS 1000000000ull

#define FAIL(...)                                                                                                      \
    do {                                                                                                               \
        fprintf(stderr, __VA_ARGS__);                                                                                  \
        fputc('\n', stderr);                                                                                           \
        exit(1);                                                                                                       \
    } while (0)

/* CLOCK_MONOTONIC, so that the harness can compare with its own readings. */
static inline uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS + (uint64_t)time.tv_nsec;
}

/* Every latency is kept: a percentile is then exact, and a run of seconds needs a few MB. */
struct latencies {
    uint64_t *ns;
    size_t count, room;
};

static inline void latency_add(struct latencies *all, uint64_t ns)
{
    if (all->count == all->room) {
        all->room = all->room ? all->room * 2 : 65536;
        all->ns = realloc(all->ns, all->room * sizeof *all->ns);
        if (all->ns == NULL)
            FAIL("no memory for %zu latencies", all->room);
    }
    all->ns[all->count++] = ns;
}

static int latency_order(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Prints ,"p50_us":..,"p99_us":..,"p999_us":.. */
static inline void latency_print(struct latencies *all)
{
    static const struct {
        const char *name;
        double share;
    } wanted[] = {{"p50_us", 0.50}, {"p99_us", 0.99}, {"p999_us", 0.999}};
    if (all->count == 0)
        FAIL("nothing was answered");
    qsort(all->ns, all->count, sizeof *all->ns, latency_order);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        printf(",\"%s\":%.2f", wanted[i].name, (double)all->ns[(size_t)((double)(all->count - 1) * wanted[i].share)] / 1000);
}

#endif
