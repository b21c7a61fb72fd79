// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

/** What a field holds and how a client shows it (XEP-0004 §3.3). */
public enum FieldType {
    BOOLEAN("boolean", false),
    FIXED("fixed", true),
    HIDDEN("hidden", false),
    JID_MULTI("jid-multi", true),
    JID_SINGLE("jid-single", false),
    LIST_MULTI("list-multi", true),
    LIST_SINGLE("list-single", false),
    TEXT_MULTI("text-multi", true),
    TEXT_PRIVATE("text-private", false),
    TEXT_SINGLE("text-single", false);

    private final String wire;
    private final boolean multi;

    FieldType(String wire, boolean multi) {
        this.wire = wire;
        this.multi = multi;
    }

    String wire() {
        return wire;
    }

    /** Whether it may have more than one value. */
    boolean isMulti() {
        return multi;
    }

    boolean isList() {
        return this == LIST_SINGLE || this == LIST_MULTI;
    }

    boolean isJid() {
        return this == JID_SINGLE || this == JID_MULTI;
    }
}
