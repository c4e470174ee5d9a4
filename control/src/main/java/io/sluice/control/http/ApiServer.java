package io.sluice.control.http;

import io.helidon.http.NotFoundException;
import io.helidon.http.RequestException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.control.store.RunningConfiguration;
import io.sluice.control.yaml.NearestName;
import io.sluice.control.yaml.YamlReader;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * The API, one virtual thread per connection. A client that is slow, silent or talks nonsense costs one connection for
 * {@link #IDLE} at most.
 */
public final class ApiServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
    private static final Duration IDLE = Duration.ofSeconds(15);
    private static final int MOST_CLIENTS = 512;
    private static final List<String> PATHS = List.of("/v1/status", "/v1/config", "/v1/counters", "/v1/drops", "/v1/connections",
        "/v1/explain", "/livez", "/readyz", "/metrics");

    private final ApiSocket socket;
    private final WebServer server;

    private ApiServer(final ApiSocket socket, final WebServer server) {
        this.socket = socket;
        this.server = server;
    }

    /**
     * Starts the API.
     *
     * @param socket        where to listen; closed with the server
     * @param dataplane     what it tells about
     * @param configuration what it shows and changes
     * @param version       of the daemon
     * @param clock         for uptime
     * @return a server that accepts connections
     * @throws DataplaneException if it cannot listen
     */
    public static ApiServer start(final ApiSocket socket, final DataplaneControl dataplane, final RunningConfiguration configuration,
                                  final String version, final InstantSource clock) {
        final WebServer server = WebServer.builder()
            .bindAddress(UnixDomainSocketAddress.of(socket.path()))
            .shutdownHook(false)
            .maxPayloadSize(YamlReader.MAX_BYTES)
            .maxTcpConnections(MOST_CLIENTS)
            .idleConnectionTimeout(IDLE)
            .idleConnectionPeriod(Duration.ofSeconds(5))
            .directHandlers(Refusals.handlers())
            .routing(routing -> routes(routing, dataplane, configuration, version, clock))
            .build();
        server.start();
        // Helidon reports a failed bind in its log only.
        if (!server.isRunning()) {
            socket.close();
            throw new DataplaneException("cannot listen on " + socket.path() + ". Look at its directory's permissions, or set "
                + "node.socket to another path");
        }
        try {
            socket.restrict();
        } catch (final IOException e) {
            server.stop();
            socket.close();
            throw new DataplaneException("cannot set the permissions of " + socket.path() + ": " + e + ". Set node.socket to a "
                + "path on a file system that has permissions", e);
        }
        return new ApiServer(socket, server);
    }

    /** Finishes the requests under way, closes every connection, and removes the socket. */
    @Override
    public void close() {
        server.stop();
        socket.close();
    }

    private static void routes(final HttpRouting.Builder routing, final DataplaneControl dataplane,
                               final RunningConfiguration configuration, final String version, final InstantSource clock) {
        routing.register(new NodeRoutes(dataplane, configuration, version, clock))
            .register(new ConfigRoutes(configuration))
            .register(new TrafficRoutes(dataplane))
            .any(ApiServer::unknown)
            .error(ProblemException.class, (request, response, problem) -> problem.send(response))
            .error(RequestException.class, (request, response, e) -> refused(e).send(response))
            .error(NotFoundException.class, (request, response, e) -> unknown(request, response))
            .error(Exception.class, ApiServer::failed);
    }

    private static void unknown(final ServerRequest request, final ServerResponse response) {
        final String path = request.path().path();
        final String method = request.prologue().method().text();
        final ProblemException problem = PATHS.contains(path)
            ? new ProblemException(405, "the method is not possible here", method + " is not possible for " + path, List.of())
            : new ProblemException(404, "there is nothing here", "the path \"" + path + "\" is not known"
                + NearestName.hint(path, PATHS), List.of());
        problem.send(response);
    }

    /** What Helidon itself refuses, such as a body beyond the limit. */
    private static ProblemException refused(final RequestException e) {
        return new ProblemException(e.status().code(), "the request is refused", String.valueOf(e.getMessage()), List.of());
    }

    private static void failed(final ServerRequest request, final ServerResponse response, final Exception failure) {
        LOG.log(System.Logger.Level.ERROR, "the API could not answer " + request.prologue().method().text() + " "
            + request.path().path(), failure);
        new ProblemException(500, "internal error", "the request could not be answered; the log of the daemon has the cause, please "
            + "report it", List.of()).send(response);
    }
}
