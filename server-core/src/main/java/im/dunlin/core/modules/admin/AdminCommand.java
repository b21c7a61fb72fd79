// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import org.jspecify.annotations.Nullable;

/** A command of a host for whom its configuration names an administrator, from an account that is served here. */
public record AdminCommand(ServerConfig config, String node, String name, Begin body) implements Command {
    /** The node of a command of XEP-0133 is this and its name. */
    static final String NS = "http://jabber.org/protocol/admin";

    /** How it begins. */
    @FunctionalInterface
    public interface Begin {
        /** @return null if {@link CommandCall#answer} will be called later */
        @Nullable
        CommandStep begin(CommandCall call, Turn turn);
    }

    @Override
    public boolean isFor(Jid asker, String host, Turn turn) {
        HostConfig asked = config.hosts().get(host);
        // On the asker's own lane only: what comes from elsewhere says who it is, and does not prove it to us.
        return asked != null
                && asked.admins().contains(asker.bare())
                && turn.jid().equals(asker.bare());
    }

    @Override
    public @Nullable CommandStep begin(CommandCall call, Turn turn) {
        return body.begin(call, turn);
    }
}
