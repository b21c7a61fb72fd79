// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.RefusedException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whether all that is kept of conversations agrees; ends with 1 when something does not. */
@Command(
        name = "check",
        description = {
            "Say whether all that is kept of conversations agrees, while the server serves or while it does not.",
            "Damage is listed one a line: account, conversation, ids, what; the command then ends with 1."
        })
final class CheckCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "JID",
            arity = "0..1",
            description = "Only this account; without it all accounts, one after the other.")
    private @Nullable String jid;

    CheckCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        return dunlin.ask(administration -> {
            String only = jid;
            boolean well = only == null ? all(administration) : account(administration, only);
            return well ? 0 : Dunlin.FAILED;
        });
    }

    private boolean all(Administration administration) throws RefusedException {
        boolean well = true;
        int checked = 0;
        @Nullable String after = null;
        List<String> page;
        do {
            page = administration.listUsers(null, after);
            for (String each : page) {
                well &= account(administration, each);
                checked++;
                after = each;
            }
        } while (page.size() == Administration.PAGE);
        spec.commandLine().getOut().println(checked + " accounts checked");
        return well;
    }

    private boolean account(Administration administration, String account) throws RefusedException {
        List<String> damage = administration.checkUser(account);
        damage.forEach(line -> spec.commandLine().getOut().println(account + ": " + line));
        return damage.isEmpty();
    }
}
