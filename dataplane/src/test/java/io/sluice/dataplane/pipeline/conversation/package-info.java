/**
 * Random conversations through the real packet path, and what must be true of every one of them.
 *
 * <pre>
 *   TcpPeer --- Link ---&gt; PathHarness ---&gt; Link --- TcpPeer     client: one per conversation, port and all
 *   (client) &lt;--- Link ---             &lt;--- Link ---  (server)     server: as many as there are local ports
 *
 *   Link     loses, duplicates, delays and so reorders; seeded
 *   Offload  super-frames and partial checksums on the way in, cut and completed as hardware does on the way out
 *   World    the events in the order of their time; moves the path's clock; kills the path and starts it anew
 * </pre>
 *
 * <p>A world is made from a seed alone. {@code -Dsluice.conversation.seed=N} runs one of them again,
 * {@code -Dsluice.conversation.seeds=N} runs more of them than usual.
 */
package io.sluice.dataplane.pipeline.conversation;
