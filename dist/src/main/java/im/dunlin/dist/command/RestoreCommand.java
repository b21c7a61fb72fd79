// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.dist.data.Backup;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Puts a backup where there is no data yet. */
@Command(name = "restore", description = "Put a backup where there is no data yet.")
final class RestoreCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Parameters(paramLabel = "DIRECTORY", description = "A directory that backup has written.")
    private Path directory = Path.of("");

    RestoreCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        try {
            Backup.restore(directory, new DataDirectory(dunlin.configuration().data()));
        } catch (IOException e) {
            throw new StartException(directory + ": cannot be restored (" + e.getMessage() + ")", e);
        }
        return 0;
    }
}
