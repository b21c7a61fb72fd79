// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import im.dunlin.core.jid.Jid;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What somebody has sent for a form: each field has values that it may have, in their one form. */
public final class Submission {
    private final Map<String, List<String>> values;

    Submission(Map<String, List<String>> values) {
        this.values = values;
    }

    public boolean has(String var) {
        return values.containsKey(var);
    }

    public List<String> all(String var) {
        return values.getOrDefault(var, List.of());
    }

    /** The value; null where the field was left empty. */
    public @Nullable String one(String var) {
        List<String> all = all(var);
        return all.isEmpty() ? null : all.get(0);
    }

    /** The value of a field that is needed. */
    public String text(String var) {
        return Objects.requireNonNull(one(var), var);
    }

    /** All lines of a text. */
    public String lines(String var) {
        return String.join("\n", all(var));
    }

    public boolean isTrue(String var) {
        return "1".equals(one(var));
    }

    /** The number in a field that has one. */
    public long number(String var) {
        return Long.parseLong(text(var));
    }

    public @Nullable Jid jid(String var) {
        String one = one(var);
        return one == null ? null : Jid.prepared(one);
    }

    public List<Jid> jids(String var) {
        return all(var).stream().map(Jid::prepared).toList();
    }

    /** Values may be passwords. */
    @Override
    public String toString() {
        return "fields " + values.keySet();
    }
}
