package io.sluice.dataplane.api;

/** What a lane's thread does when there is nothing to do. */
public enum IdleMode {
    /** Spin a little, then wait in poll(2): an idle load balancer costs no CPU. The default. */
    BACKOFF,
    /** Never wait: lowest latency, a core per lane. Refused when there are more spinning threads than cores. */
    SPIN
}
