package io.sluice.control.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.control.config.ConfigDocument;
import io.sluice.control.store.Outcome;
import io.sluice.control.store.RestartNeededException;
import io.sluice.control.store.Revision;
import io.sluice.control.store.RunningConfiguration;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.control.yaml.YamlReader;
import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/config}: what is in force, and its replacement. */
final class ConfigRoutes implements HttpService {
    private final RunningConfiguration configuration;

    ConfigRoutes(final RunningConfiguration configuration) {
        this.configuration = configuration;
    }

    @Override
    public void routing(final HttpRules rules) {
        rules.get("/v1/config", this::show).put("/v1/config", this::apply);
    }

    private void show(final ServerRequest request, final ServerResponse response) {
        Query.of(request);
        final Revision revision = configuration.current();
        if (request.headers().first(HeaderNames.ACCEPT).orElse("").contains("yaml")) {
            Json.sendText(response, "application/yaml", revision.yaml());
            return;
        }
        final Map<String, Object> body = new LinkedHashMap<>();
        body.put("revision", revision.number());
        body.put("since", revision.since().toString());
        body.put("file", configuration.file().toString());
        body.put("fileDiffers", configuration.fileDiffers());
        body.put("configuration", ConfigDocument.of(revision.config()));
        Json.send(response, body);
    }

    private void apply(final ServerRequest request, final ServerResponse response) {
        final boolean dryRun = Query.of(request, "dryRun").truth("dryRun");
        try {
            final byte[] yaml = Transfer.bounded(() -> body(request));
            final Outcome outcome = configuration.apply(yaml, dryRun);
            Json.send(response, outcome);
        } catch (final InvalidConfigException e) {
            throw new ProblemException(422, "the configuration is not valid", e.getMessage()
                + "; nothing was changed, the running configuration stays", e.violations());
        } catch (final RestartNeededException e) {
            throw new ProblemException(409, "a restart is needed", e.getMessage() + "; nothing was changed", e.violations());
        } catch (final DataplaneException e) {
            throw new ProblemException(409, "the data plane refused the configuration", e.getMessage()
                + "; nothing was changed, the running configuration stays", List.of());
        }
    }

    /** The whole body before anything is locked, so that a slow client keeps nobody waiting; one byte more than is allowed. */
    private static byte[] body(final ServerRequest request) {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream in = request.content().inputStream()) {
            return in.readNBytes(YamlReader.MAX_BYTES + 1);
        } catch (final RequestException e) {
            throw e;
        } catch (final IOException | RuntimeException e) {
            throw ProblemException.badRequest("the body ended early, or is not what HTTP allows");
        }
    }
}
