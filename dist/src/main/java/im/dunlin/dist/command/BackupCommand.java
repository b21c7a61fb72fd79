// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Copies everything the server keeps, while it serves or while it does not. */
@Command(name = "backup", description = "Copy everything the server keeps, while it serves or while it does not.")
final class BackupCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Parameters(paramLabel = "DIRECTORY", description = "Where to; must not exist yet, or be empty.")
    private Path directory = Path.of("");

    BackupCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        Path target = directory.toAbsolutePath().normalize();
        dunlin.ask(administration -> {
            administration.backup(target);
            return target;
        });
        return 0;
    }
}
