// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.StoreException;
import im.dunlin.storage.rocks.RocksSettings;
import im.dunlin.storage.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path temporary;

    private DataDirectory data;
    private UUID server;

    @BeforeEach
    void fill() throws Exception {
        data = new DataDirectory(temporary.resolve("data"));
        data.prepare();
        Files.writeString(data.tls().resolve("localhost.crt"), "certificate");
        try (RocksStore store = RocksStore.open(data.store(), RocksSettings.DEFAULT)) {
            server = store.cluster().serverId();
            Backup.write(data, store, temporary.resolve("copy"));
        }
    }

    @Test
    void preparingAgainChangesNothing() throws Exception {
        data.prepare();

        assertThat(data.tls().resolve("localhost.crt")).hasContent("certificate");
    }

    @Test
    void restoredBackupIsTheSameServerWithItsCertificates() throws Exception {
        DataDirectory other = new DataDirectory(temporary.resolve("other"));

        Backup.restore(temporary.resolve("copy"), other);

        assertThat(other.tls().resolve("localhost.crt")).hasContent("certificate");
        try (RocksStore store = RocksStore.open(other.store(), RocksSettings.DEFAULT)) {
            assertThat(store.cluster().serverId()).isEqualTo(server);
            assertThat(store.cluster().epochs()).hasSize(1);
        }
    }

    @Test
    void restoreReplacesNothing() throws Exception {
        Files.writeString(data.tls().resolve("localhost.crt"), "newer");

        assertThatThrownBy(() -> Backup.restore(temporary.resolve("copy"), data))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("there is data already");

        assertThat(data.tls().resolve("localhost.crt")).hasContent("newer");
    }

    @Test
    void whatIsNoBackupIsNotRestored() {
        assertThatThrownBy(
                        () -> Backup.restore(temporary.resolve("nothing"), new DataDirectory(temporary.resolve("n"))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no backup");
    }

    @Test
    void backupReplacesNothing() {
        try (RocksStore store = RocksStore.open(data.store(), RocksSettings.DEFAULT)) {
            assertThatThrownBy(() -> Backup.write(data, store, temporary.resolve("copy")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not empty");
        }
    }
}
