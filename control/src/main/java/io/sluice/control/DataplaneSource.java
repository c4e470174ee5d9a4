package io.sluice.control;

import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import java.util.function.Function;

/** Where the daemon's data plane comes from. */
final class DataplaneSource {
    static final Function<DataplaneConfig, DataplaneControl> OPEN = settings -> {
        throw new DataplaneException("this build has no data plane");
    };

    private DataplaneSource() {
    }
}
