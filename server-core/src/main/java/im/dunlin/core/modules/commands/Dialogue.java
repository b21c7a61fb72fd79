// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.commands;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.CommandStep.Show;
import java.time.Instant;
import java.util.List;

/**
 * A command that has shown a form and waits for it.
 *
 * @param asker to whom it belongs, and to nobody else
 * @param entity that was asked
 * @param before forms that were filled in, the first first
 */
record Dialogue(String id, Jid asker, Jid entity, String node, List<Show> before, Show shown, Instant expires) {
    Dialogue {
        before = List.copyOf(before);
    }
}
