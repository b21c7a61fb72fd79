// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.xml.Name;

/** Names that clients and push services use. */
public final class PushNames {
    public static final String PUSH = "urn:xmpp:push:0";
    public static final String PUBLISH_OPTIONS = "http://jabber.org/protocol/pubsub#publish-options";
    public static final String OWN = "https://dunlin.im/protocol/push/1";
    public static final String PUSH2 = "urn:xmpp:push2:0";
    public static final String PUSH2_IMPORTANT = "urn:xmpp:push2:match:important";
    public static final String PUSH2_NOTIFY_ONLY = "urn:xmpp:push2:send:notify-only:0";
    public static final String PUSH2_SEND_ENCRYPTED = "urn:xmpp:push2:send:sce+rfc8291+rfc8292:0";
    public static final String XABBER = "https://xabber.com/protocol/push";

    public static final String PRIORITY = "tigase:push:priority:0";
    public static final String JINGLE = "tigase:push:jingle:0";
    public static final String MUTED = "tigase:push:filter:muted:0";
    public static final String IGNORE_UNKNOWN = "tigase:push:filter:ignore-unknown:0";
    public static final String GROUPCHAT = "tigase:push:filter:groupchat:0";

    static final Name ENABLE = Name.of(PUSH, "enable");
    static final Name DISABLE = Name.of(PUSH, "disable");
    static final Name XABBER_ENABLE = Name.of(XABBER, "enable");
    static final Name XABBER_DISABLE = Name.of(XABBER, "disable");
    static final Name PUSH2_ENABLE = Name.of(PUSH2, "enable");
    static final Name PUSH2_DISABLE = Name.of(PUSH2, "disable");
    static final Name ENABLED = Name.of(PUSH, "enabled");
    static final Name FAILED = Name.of(PUSH, "failed");

    private PushNames() {}
}
