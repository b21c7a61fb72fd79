// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryFileStoreTest {
    private static final String NAME = "00112233445566778899aabbccddeeff";

    @TempDir
    Path directory;

    private FileStore store;

    @BeforeEach
    void open() throws Exception {
        store = DirectoryFileStore.open(directory);
    }

    private List<Path> all() throws Exception {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private void write(byte... bytes) throws Exception {
        FileStore.Incoming file = store.create(NAME);
        file.write(bytes);
        file.commit();
    }

    @Test
    void fileIsThereWhenItIsComplete() throws Exception {
        FileStore.Incoming file = store.create(NAME);
        file.write(new byte[] {1, 2});
        assertThat(store.open(NAME)).isNull();
        file.write(new byte[] {3});
        file.commit();

        try (FileStore.Outgoing out = store.open(NAME)) {
            byte[] read = new byte[2];
            out.seek(1);
            assertThat(out.length()).isEqualTo(3);
            assertThat(out.read(read)).isEqualTo(2);
            assertThat(read).containsExactly(2, 3);
            assertThat(out.read(read)).isEqualTo(-1);
        }
    }

    @Test
    void oneOfANameIsOnItsWay() throws Exception {
        store.create(NAME);

        assertThatThrownBy(() -> store.create(NAME)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void completeFileTakesThePlaceOfWhatACrashLeft() throws Exception {
        write((byte) 1);
        write((byte) 2);

        try (FileStore.Outgoing out = store.open(NAME)) {
            byte[] read = new byte[1];
            out.read(read);
            assertThat(read).containsExactly(2);
        }
        assertThat(all()).hasSize(1);
    }

    @Test
    void whatWasAbortedLeavesNothing() throws Exception {
        FileStore.Incoming half = store.create(NAME);
        half.write(new byte[] {1});
        half.abort();

        assertThat(all()).isEmpty();
    }

    @Test
    void whatARunLeftHalfIsGoneAfterTheNextStart() throws Exception {
        write((byte) 1);
        store.create("ff112233445566778899aabbccddeeff").write(new byte[] {1});

        store = DirectoryFileStore.open(directory);

        assertThat(all())
                .singleElement()
                .extracting(file -> file.getFileName().toString())
                .isEqualTo(NAME);
    }

    @Test
    void deletedFileIsGoneAndMayBeDeletedAgain() throws Exception {
        write((byte) 1);
        store.delete(NAME);
        store.delete(NAME);

        assertThat(store.open(NAME)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "../../../../etc/passwd",
                "00112233445566778899aabbccddeef/",
                "00112233445566778899AABBCCDDEEFF"
            })
    void onlyItsOwnNamesAreNames(String name) {
        assertThatThrownBy(() -> store.create(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.open(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
