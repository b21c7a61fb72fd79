// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a node's configuration that has an effect here (XEP-0060 §16.4.4). Names and values are written to disk as they
 * are on the wire.
 */
enum NodeField {
    TITLE("title", Kind.TEXT, "Title", List.of()),
    DESCRIPTION("description", Kind.TEXT, "Description", List.of()),
    TYPE("type", Kind.TEXT, "Namespace of the payload", List.of()),
    ACCESS_MODEL(
            "access_model",
            Kind.CHOICE,
            "Who may subscribe and retrieve items",
            List.of("presence"),
            "open",
            "presence",
            "roster",
            "authorize",
            "whitelist"),
    ROSTER_GROUPS("roster_groups_allowed", Kind.TEXTS, "Roster groups that may subscribe and retrieve", List.of()),
    PUBLISH_MODEL(
            "publish_model",
            Kind.CHOICE,
            "Who may publish",
            List.of("publishers"),
            "publishers",
            "subscribers",
            "open"),
    MAX_ITEMS("max_items", Kind.NUMBER, "Items that are kept, or max", List.of("1")),
    PERSIST_ITEMS("persist_items", Kind.TRUTH, "Whether items are kept", List.of("true")),
    DELIVER_NOTIFICATIONS("deliver_notifications", Kind.TRUTH, "Whether subscribers are notified", List.of("true")),
    DELIVER_PAYLOADS("deliver_payloads", Kind.TRUTH, "Whether notifications have the payload", List.of("true")),
    SEND_LAST(
            "send_last_published_item",
            Kind.CHOICE,
            "When the last item is sent",
            List.of("on_sub_and_presence"),
            "never",
            "on_sub",
            "on_sub_and_presence"),
    NOTIFY_CONFIG("notify_config", Kind.TRUTH, "Whether a changed configuration is notified", List.of("false")),
    NOTIFY_DELETE("notify_delete", Kind.TRUTH, "Whether the deletion of the node is notified", List.of("true")),
    NOTIFY_RETRACT("notify_retract", Kind.TRUTH, "Whether retracted items are notified", List.of("true")),
    NOTIFICATION_TYPE(
            "notification_type",
            Kind.CHOICE,
            "Type of notifications",
            List.of("headline"),
            "headline",
            "normal",
            "chat");

    /** As many items as the server keeps. */
    static final String MAX = "max";

    static final String TRUE = "true";
    private static final String FALSE = "false";
    private static final String PREFIX = "pubsub#";

    private static final int MAX_BYTES = 1_024;
    private static final int MAX_VALUES = 50;

    /** What its values are. */
    enum Kind {
        TEXT("text-single"),
        TEXTS("text-multi"),
        CHOICE("list-single"),
        NUMBER("text-single"),
        TRUTH("boolean");

        private final String wire;

        Kind(String wire) {
            this.wire = wire;
        }

        String wire() {
            return wire;
        }
    }

    private final String var;
    private final Kind kind;
    private final String label;
    private final List<String> usual;
    private final List<String> choices;

    NodeField(String name, Kind kind, String label, List<String> usual, String... choices) {
        this.var = PREFIX + name;
        this.kind = kind;
        this.label = label;
        this.usual = usual;
        this.choices = List.of(choices);
    }

    /** Null for a field that has no effect here. */
    static @Nullable NodeField of(String var) {
        for (NodeField field : values()) {
            if (field.var.equals(var)) {
                return field;
            }
        }
        return null;
    }

    String var() {
        return var;
    }

    Kind kind() {
        return kind;
    }

    String label() {
        return label;
    }

    List<String> choices() {
        return choices;
    }

    /** The default of a node of an account (XEP-0163 §7); part of what is on disk. */
    List<String> usual() {
        return usual;
    }

    /**
     * The one form of these values.
     *
     * @throws StanzaException {@code not-acceptable} for values that the field cannot have
     */
    List<String> normal(List<String> given) {
        if (kind == Kind.TEXTS) {
            check(given.size() <= MAX_VALUES && given.stream().allMatch(NodeField::fits));
            return List.copyOf(given);
        }
        check(given.size() <= 1);
        String value = given.isEmpty() ? "" : given.get(0).strip();
        if (value.isEmpty()) {
            return kind == Kind.TEXT ? List.of() : usual;
        }
        return switch (kind) {
            case TEXT, TEXTS -> {
                check(fits(value));
                yield List.of(value);
            }
            case CHOICE -> {
                check(choices.contains(value));
                yield List.of(value);
            }
            case NUMBER -> List.of(number(value));
            case TRUTH ->
                switch (value) {
                    case "1", TRUE -> List.of(TRUE);
                    case "0", FALSE -> List.of(FALSE);
                    default -> throw unacceptable();
                };
        };
    }

    private String number(String value) {
        if (value.equals(MAX)) {
            return value;
        }
        check(value.length() <= 9 && value.chars().allMatch(c -> c >= '0' && c <= '9'));
        int number = Integer.parseInt(value);
        check(number > 0);
        return Integer.toString(number);
    }

    private static boolean fits(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    private void check(boolean acceptable) {
        if (!acceptable) {
            throw unacceptable();
        }
    }

    private StanzaException unacceptable() {
        return StanzaError.notAcceptable()
                .withText(var + " cannot have this value")
                .toException();
    }
}
