// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import that is killed, and started again. */
class InterruptedImportIT {
    private static final Path JAR = Path.of("target", "dunlin.jar").toAbsolutePath();
    private static final int ACCOUNTS = 60;
    private static final int CONTACTS = 300;

    /** What the store has logged when the first accounts are in and the last are not. */
    private static final long SOME_BYTES = 400_000;

    @TempDir
    Path directory;

    private Path server(String name) throws Exception {
        Path root = Files.createDirectory(directory.resolve(name));
        Files.writeString(root.resolve("dunlin.yaml"), "data: data\nauthentication: { scramIterations: 4096 }\n");
        return root;
    }

    private static Process start(Path root, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .directory(root.toFile())
                .redirectOutput(root.resolve("out").toFile())
                .redirectError(root.resolve("err").toFile())
                .start();
    }

    private static String runs(Path root, String... arguments) throws Exception {
        Process process = start(root, arguments);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(root.resolve("err")))
                .isZero();
        return Files.readString(root.resolve("out"));
    }

    /** Bytes that were written to the store; 0 while there is none. */
    private static long logged(Path tables) {
        try (Stream<Path> files = Files.list(tables)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .map(Path::toFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static String account(int number) {
        StringBuilder account = new StringBuilder("<user name='user" + number + "' password='secretsecret'>"
                + "<vCard xmlns='vcard-temp'><FN>Number " + number + "</FN></vCard><query xmlns='jabber:iq:roster'>");
        for (int i = 0; i < CONTACTS; i++) {
            account.append("<item jid='contact")
                    .append(i)
                    .append("@example.org' name='Contact ")
                    .append(i)
                    .append("'/>");
        }
        return account.append("</query></user>\n").toString();
    }

    /** But for the keys of the password, whose salt is another each time. */
    private static String exported(Path root, String name) throws Exception {
        Path file = root.resolve(name);
        runs(root, "export", "-o", file.toString());
        return Files.readString(file).replaceAll("<scram-credentials.*?</scram-credentials>\\s*", "");
    }

    @Test
    void whatWasKilledIsFinishedByTheSameAgain() throws Exception {
        StringBuilder users = new StringBuilder("<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'>");
        for (int i = 0; i < ACCOUNTS; i++) {
            users.append(account(i));
        }
        String all = users.append("</host></server-data>").toString();
        Path file = Files.writeString(directory.resolve("all.xml"), all);
        Path whole = server("whole");
        runs(whole, "import", file.toString());
        Path killed = server("killed");

        Process first = start(killed, "import", file.toString());
        while (logged(killed.resolve("data/store/tables")) < SOME_BYTES) {
            assertThat(first.waitFor(5, TimeUnit.MILLISECONDS)).isFalse();
        }
        first.destroyForcibly().waitFor();

        long brought = runs(killed, "user", "list").lines().count();
        assertThat(brought).isPositive().isLessThan(ACCOUNTS);
        assertThat(runs(killed, "import", file.toString()))
                .contains((ACCOUNTS - brought) + " accounts brought in, " + brought + " were there already, 0 refused");
        String complete = exported(killed, "once.xml");
        assertThat(complete).isEqualTo(exported(whole, "once.xml"));

        assertThat(runs(killed, "import", file.toString()))
                .contains("0 accounts brought in, " + ACCOUNTS + " were there already, 0 refused");
        assertThat(exported(killed, "twice.xml")).isEqualTo(complete);
    }
}
