// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.form.Form;
import im.dunlin.core.form.Submission;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command says to a request. */
public sealed interface CommandStep {
    /**
     * Shows a form, and goes on when it comes back.
     *
     * @param last whether the command is done then; otherwise another form follows
     */
    record Show(Form form, boolean last, Submitted then) implements CommandStep {}

    /** Is done. @param result a form of type result, or what else the command's document says; null for none */
    record Done(@Nullable Element result, List<Note> notes) implements CommandStep {
        public Done {
            notes = List.copyOf(notes);
        }
    }

    /** Something to tell the user. @param type of XEP-0050 §3.5 */
    record Note(Type type, String text) {
        /** How bad it is. */
        public enum Type {
            INFO("info"),
            WARN("warn"),
            ERROR("error");

            private final String wire;

            Type(String wire) {
                this.wire = wire;
            }

            public String wire() {
                return wire;
            }
        }
    }

    /** What a command does with a form that was filled in. */
    @FunctionalInterface
    interface Submitted {
        /**
         * @return null if {@link CommandCall#answer} will be called later
         * @throws im.dunlin.core.stanza.StanzaException to refuse; the form may be sent again
         */
        @Nullable
        CommandStep apply(Submission submission, CommandCall call, Turn turn);
    }

    /** A form after which the command is done. */
    static CommandStep lastForm(Form form, Submitted then) {
        return new Show(form, true, then);
    }

    /** A form after which another follows. */
    static CommandStep form(Form form, Submitted then) {
        return new Show(form, false, then);
    }

    static CommandStep done(String note) {
        return new Done(null, List.of(new Note(Note.Type.INFO, note)));
    }

    static CommandStep done(Element result) {
        return new Done(result, List.of());
    }

    static CommandStep failed(String note) {
        return new Done(null, List.of(new Note(Note.Type.ERROR, note)));
    }
}
