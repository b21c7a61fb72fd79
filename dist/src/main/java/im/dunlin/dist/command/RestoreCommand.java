// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.data.Backup;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Puts a backup into an empty data directory. */
@Command(name = "restore", description = "Put a backup into an empty data directory; no server may run on it.")
final class RestoreCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Parameters(paramLabel = "DIRECTORY", description = "A directory that backup has written.")
    private Path directory = Path.of("");

    RestoreCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        ServerConfig config = dunlin.configuration();
        try (DataDirectory data = DataDirectory.take(config.data())) {
            if (data == null) {
                throw new StartException(config.data() + ": a server runs on this data directory");
            }
            Backup.restore(directory, data, (store, taken) -> dunlin.servers().restored(config, store, taken));
        }
        return 0;
    }
}
