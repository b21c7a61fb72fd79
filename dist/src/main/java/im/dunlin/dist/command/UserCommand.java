// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.dist.control.Administration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Accounts, of a running server and of a stopped one alike. */
@Command(
        name = "user",
        description = "Accounts, of a running server and of a stopped one alike.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true)
final class UserCommand implements Runnable {
    private static final String JID = "Bare JID of the account, such as juliet@localhost.";
    private static final String PASSWORD =
            "The password is asked for or, without a terminal, read as one line from standard input.";

    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    UserCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "user: which of add, passwd, logout, remove, list, show?");
    }

    @Command(
            name = "add",
            description = {"Add an account.", PASSWORD})
    int add(@Parameters(paramLabel = "JID", description = JID) String jid) throws Exception {
        String password = PasswordInput.ofProcess().read(jid);
        dunlin.ask(administration -> {
            administration.addUser(jid, password);
            return jid;
        });
        return 0;
    }

    @Command(
            name = "passwd",
            description = {"Change an account's password.", PASSWORD})
    int passwd(@Parameters(paramLabel = "JID", description = JID) String jid) throws Exception {
        String password = PasswordInput.ofProcess().read(jid);
        dunlin.ask(administration -> {
            administration.setPassword(jid, password);
            return jid;
        });
        return 0;
    }

    @Command(
            name = "logout",
            description = "End an account's sessions; its devices have to log in with the password again.")
    int logout(@Parameters(paramLabel = "JID", description = JID) String jid) throws Exception {
        dunlin.ask(administration -> {
            administration.logOut(jid);
            return jid;
        });
        return 0;
    }

    @Command(name = "remove", description = "Remove an account and erase all that it has.")
    int remove(@Parameters(paramLabel = "JID", description = JID) String jid) throws Exception {
        dunlin.ask(administration -> {
            administration.removeUser(jid);
            return jid;
        });
        return 0;
    }

    @Command(name = "list", description = "List accounts, one a line.")
    int list(
            @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Only accounts of this domain.") @Nullable
                    String host)
            throws Exception {
        return dunlin.ask(administration -> {
            @Nullable String after = null;
            List<String> page;
            do {
                page = administration.listUsers(host, after);
                page.forEach(spec.commandLine().getOut()::println);
                after = page.isEmpty() ? null : page.get(page.size() - 1);
            } while (page.size() == Administration.PAGE);
            return 0;
        });
    }

    @Command(name = "show", description = "Show what there is to know about an account.")
    int show(@Parameters(paramLabel = "JID", description = JID) String jid) throws Exception {
        Map<String, String> facts = dunlin.ask(administration -> administration.showUser(jid));
        facts.forEach((name, value) -> spec.commandLine().getOut().println(name + ": " + value));
        return 0;
    }
}
