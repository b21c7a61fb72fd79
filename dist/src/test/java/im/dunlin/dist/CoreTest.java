// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.command.ServerFactory.Acceptance;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a server from being put together is told in a line. */
class CoreTest {
    @TempDir
    Path directory;

    @Test
    void hostWithTheNameOfAServiceIsNamedWithItsModule() throws Exception {
        Path file =
                Files.writeString(directory.resolve("dunlin.yaml"), "hosts: {localhost: {}, upload.localhost: {}}\n");
        ServerConfig config = StandardModules.configurations().load(file);
        DataDirectory data = new DataDirectory(config.data());
        data.prepare();

        for (int start = 0; start < 2; start++) {
            assertThatExceptionOfType(StartException.class)
                    .isThrownBy(() -> Core.open(config, data, new Acceptance(false, false), failure -> {}))
                    .withMessageStartingWith("upload.localhost is served twice: by the module upload");
        }
    }
}
