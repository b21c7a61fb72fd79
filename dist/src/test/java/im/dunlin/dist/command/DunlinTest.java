// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.dist.data.StartException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DunlinTest {
    @TempDir
    Path directory;

    private final FakeServers servers = new FakeServers();
    private final StopSignal stop = new StopSignal();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final InputStream stdin = System.in;
    private final ExecutorService serving = Executors.newSingleThreadExecutor();
    private Path config;

    @BeforeEach
    void configure() throws IOException {
        config = Files.writeString(
                directory.resolve("dunlin.yaml"), "hosts: { localhost: { modules: { ping: true } } }");
    }

    @AfterEach
    void end() throws Exception {
        stop.request();
        serving.shutdown();
        assertThat(serving.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        System.setIn(stdin);
    }

    @Test
    void passwordComesFromStandardInput() {
        assertThat(run("s€cret\n", "user", "add", "juliet@localhost")).isZero();

        assertThat(servers.passwords).containsEntry("juliet@localhost", "s€cret");
        assertThat(out.toString() + err).doesNotContain("cret");
    }

    @Test
    void invitationIsOfTheFirstHostUnlessSomebodyInvites() {
        assertThat(run("", "invite", "--name", "romeo")).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("link: xmpp:localhost?romeo");
        assertThat(run("", "invite", "nobody@localhost")).isEqualTo(1);
    }

    @Test
    void invitationsAreOfTheFirstHostUnlessItSaysOtherwise() {
        assertThat(run("", "invitations")).isZero();
        assertThat(out.toString()).isEqualToIgnoringNewLines("0123456789ab of localhost");
        assertThat(run("", "invitations", "--take-back", "0123456789ab")).isZero();
        assertThat(run("", "invitations", "--take-back", "x")).isEqualTo(1);
    }

    @Test
    void passwordIsNoArgument() {
        assertThat(run("", "user", "add", "juliet@localhost", "secret")).isEqualTo(2);
    }

    @Test
    void emptyAndOverlongPasswordsAreRefused() {
        assertThat(run("\n", "user", "add", "juliet@localhost")).isEqualTo(1);
        assertThat(run("x".repeat(5_000), "user", "add", "juliet@localhost")).isEqualTo(1);
        assertThat(servers.passwords).isEmpty();
    }

    @Test
    void refusalIsOneLineAndAFailure() {
        assertThat(run("x\n", "user", "passwd", "romeo@localhost")).isEqualTo(1);

        assertThat(err.toString().lines()).containsExactly("dunlin: there is no account romeo@localhost");
    }

    @Test
    void accountsAreListedPageByPage() {
        for (int i = 0; i < 1_200; i++) {
            servers.passwords.put(String.format("u%05d@localhost", i), "x");
        }
        servers.passwords.put("v@example.org", "x");

        assertThat(run("", "user", "list", "localhost")).isZero();

        assertThat(out.toString().lines()).hasSize(1_200).doesNotHaveDuplicates();
    }

    @Test
    void damageIsListedAndAFailure() {
        servers.passwords.put("juliet@localhost", "x");
        servers.passwords.put("romeo@localhost", "x");
        assertThat(run("", "check")).isZero();
        assertThat(out.toString().lines()).containsExactly("2 accounts checked");

        servers.damaged.put("romeo@localhost", List.of("somewhere: all ids: rust"));
        assertThat(run("", "check", "juliet@localhost")).isZero();
        assertThat(run("", "check")).isEqualTo(1);
        assertThat(out.toString().lines()).contains("romeo@localhost: somewhere: all ids: rust");
    }

    @Test
    void pushTellsOfDevicesAndEvents() {
        assertThat(run("", "push", "devices", "juliet@localhost")).isZero();
        assertThat(run("", "push", "explain", "1760000300000000")).isZero();
        assertThat(out.toString().lines())
                .containsExactly("device phone", "of juliet@localhost", "what became of 1760000300000000");
        assertThat(run("", "push")).isEqualTo(2);
    }

    @Test
    void wrongUsageSaysWhereToLook() {
        assertThat(run("", "user")).isEqualTo(2);
        assertThat(run("", "users")).isEqualTo(2);

        assertThat(err.toString())
                .contains("add, passwd, logout, remove, list, show")
                .contains("Did you mean: dunlin user");
    }

    @Test
    void everyCommandHasHelp() {
        List<String> commands =
                List.of("serve", "user", "push", "config", "status", "backup", "restore", "check", "demo", "version");
        for (String command : commands) {
            assertThat(run("", command, "--help")).as(command).isZero();
        }
        assertThat(run("", "user", "add", "--help")).isZero();
        assertThat(run("", "--help")).isZero();
    }

    @Test
    void brokenConfigurationNamesThePlace() throws Exception {
        Files.writeString(config, "dta: x\n");

        assertThat(run("", "config", "check")).isEqualTo(1);

        assertThat(err.toString().lines())
                .containsExactly("dunlin: " + config + ":1:1: dta: no such key (did you mean data?)");
    }

    @Test
    void printedConfigurationIsRight() throws Exception {
        assertThat(run("", "config", "print")).isZero();
        Files.writeString(config, out.toString());

        assertThat(run("", "config", "check")).isZero();
    }

    @Test
    void statusOfAServerThatDoesNotRunIsThree() {
        assertThat(run("", "status")).isEqualTo(3);
    }

    @Test
    void dataDirectoryIsForItsUserAlone() throws Exception {
        run("x\n", "user", "add", "juliet@localhost");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void dataDirectoryThatIsAFileIsOneLine() throws Exception {
        Files.writeString(directory.resolve("data"), "");

        assertThat(run("x\n", "user", "add", "juliet@localhost")).isEqualTo(1);

        assertThat(err.toString().lines()).singleElement().asString().contains("its place is taken by a file");
    }

    @Test
    void serverThatCannotStartIsOneLine() {
        servers.refusal = new StartException("port 5222 is taken");

        assertThat(run("", "serve")).isEqualTo(1);

        assertThat(err.toString().lines()).containsExactly("dunlin: port 5222 is taken");
    }

    @Test
    void commandsReachTheRunningServerOverItsSocket() throws Exception {
        Future<Integer> server = serve();
        Path socket = directory.resolve("data/control.sock");

        assertThat(run("secret\n", "user", "add", "juliet@localhost")).isZero();
        assertThat(run("", "user", "list")).isZero();
        assertThat(run("", "user", "show", "juliet@localhost")).isZero();
        assertThat(run("", "status")).isZero();
        assertThat(run("", "backup", directory.resolve("copy").toString())).isZero();
        assertThat(run("x\n", "user", "add", "juliet@localhost")).isEqualTo(1);

        assertThat(out.toString()).contains("juliet@localhost", "account: juliet@localhost", "accounts: 1");
        assertThat(err.toString()).contains("dunlin: juliet@localhost exists already");
        assertThat(servers.backedUp).isEqualTo(directory.resolve("copy"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");

        stop.request();
        assertThat(server.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(servers.closed).isTrue();
        assertThat(socket).doesNotExist();
    }

    @Test
    void firstStartSaysWhatToDoNext() throws Exception {
        Future<Integer> server = serve();
        stop.request();
        server.get(20, TimeUnit.SECONDS);

        assertThat(out.toString())
                .contains(directory.resolve("data").toString(), "user add NAME@localhost", "5222", "5223", "SHA-256");
    }

    @Test
    void serverThatFailsEndsWithItsReason() throws Exception {
        Future<Integer> server = serve();
        servers.failure.complete("the disk is gone");

        assertThat(server.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(err.toString()).contains("dunlin: the disk is gone");
    }

    @Test
    void whatIsAcceptedReachesTheServer() throws Exception {
        serve("serve", "--accept-loss");

        assertThat(servers.acceptance).isEqualTo(new ServerFactory.Acceptance(true, false));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandIsFoundByItsName(String name) {
        assertThat(Dunlin.commandLine(servers, stop, "-c", "x", name).getSubcommands())
                .containsKey(name);
    }

    static Set<String> commands() {
        return Dunlin.commandLine(new FakeServers(), new StopSignal(), "--help")
                .getSubcommands()
                .keySet();
    }

    @Test
    void whoServesMakesNoOtherCommand() {
        assertThat(Dunlin.commandLine(servers, stop, "-c", "x").getSubcommands())
                .isEmpty();
        assertThat(Dunlin.commandLine(servers, stop, "serve").getSubcommands()).containsOnlyKeys("serve");
    }

    @Test
    void helpAndMistakesKnowEveryCommand() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString()).contains("generate-completion", "serve", "user", "backup", "version");

        assertThat(execute("bakup")).isEqualTo(2);
        assertThat(err.toString()).contains("backup");
    }

    @Test
    void completionKnowsEveryCommand() {
        assertThat(execute("generate-completion")).isZero();

        assertThat(out.toString()).contains("invitations", "restore");
    }

    @Test
    void socketLeftByAKilledServerIsReplaced() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("data/control.sock"), "");
        serve();

        assertThat(run("", "status")).isZero();
    }

    private Future<Integer> serve(String... arguments) throws Exception {
        Callable<Integer> command = () -> execute(withConfig(arguments));
        Future<Integer> result = serving.submit(command);
        assertThat(servers.started.await(20, TimeUnit.SECONDS)).isTrue();
        return result;
    }

    private int run(String input, String... arguments) {
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        return execute(withConfig(arguments));
    }

    private int execute(String... arguments) {
        return Dunlin.commandLine(servers, stop, arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String[] withConfig(String... arguments) {
        return Stream.concat(Stream.of("-c", config.toString()), Stream.of(arguments))
                .toArray(String[]::new);
    }
}
