package io.sluice.dataplane.pipeline.conversation;

/**
 * How one end of a connection behaves.
 *
 * @param mss         the largest segment it takes
 * @param selective   whether it offers selective acknowledgments
 * @param timestamps  whether it offers timestamps
 * @param window      bytes that it takes beyond what it has acknowledged
 * @param finWithData whether its FIN goes out with its last data
 * @param offload     how likely a segment is a super-frame
 * @param delayedAck  how likely an acknowledgment waits for data to go with
 * @param keepAlive   whether it asks a silent peer for a sign of life
 */
record Manner(int mss, boolean selective, boolean timestamps, int window, boolean finWithData, double offload, double delayedAck,
              boolean keepAlive) {
}
