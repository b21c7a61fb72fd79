// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

/** Namespaces that more than one package speaks of, each with its document. */
public final class Ns {
    /** RFC 6120, client stanzas; the namespace around every payload. */
    public static final String CLIENT = "jabber:client";

    /** RFC 6120, stanzas between servers. */
    public static final String SERVER = "jabber:server";

    /** XEP-0114, stanzas between a component and its server. */
    public static final String COMPONENT = "jabber:component:accept";

    /** RFC 6120 section 4.8.1, the stream itself. */
    public static final String STREAMS = "http://etherx.jabber.org/streams";

    /** RFC 6120 section 4.9.2, stream error conditions. */
    public static final String STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";

    /** RFC 6120 section 8.3.2, stanza error conditions. */
    public static final String STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas";

    /** RFC 6120 section 5, STARTTLS. */
    public static final String TLS = "urn:ietf:params:xml:ns:xmpp-tls";

    /** RFC 6120 section 6, SASL. */
    public static final String SASL = "urn:ietf:params:xml:ns:xmpp-sasl";

    /** RFC 6120 section 7, resource binding. */
    public static final String BIND = "urn:ietf:params:xml:ns:xmpp-bind";

    /** RFC 3921 section 3, session establishment; old clients still ask for it. */
    public static final String SESSION = "urn:ietf:params:xml:ns:xmpp-session";

    /** Namespaces in XML, the prefix {@code xml}. */
    public static final String XML = "http://www.w3.org/XML/1998/namespace";

    /** RFC 7395, framing over WebSocket. */
    public static final String FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";

    /** XEP-0124, BOSH. */
    public static final String HTTP_BIND = "http://jabber.org/protocol/httpbind";

    /** XEP-0206, XMPP over BOSH: attributes of bodies. */
    public static final String XBOSH = "urn:xmpp:xbosh";

    /** XEP-0004, Data Forms. */
    public static final String DATA_FORMS = "jabber:x:data";

    /** XEP-0030, Service Discovery: information. */
    public static final String DISCO_INFO = "http://jabber.org/protocol/disco#info";

    /** XEP-0030, Service Discovery: items. */
    public static final String DISCO_ITEMS = "http://jabber.org/protocol/disco#items";

    /** XEP-0050, Ad-Hoc Commands. */
    public static final String COMMANDS = "http://jabber.org/protocol/commands";

    /** XEP-0045, Multi-User Chat. */
    public static final String MUC = "http://jabber.org/protocol/muc";

    /** XEP-0045, Multi-User Chat: what the room tells its occupants. */
    public static final String MUC_USER = "http://jabber.org/protocol/muc#user";

    /** XEP-0059, Result Set Management. */
    public static final String RSM = "http://jabber.org/protocol/rsm";

    /** XEP-0060, Publish-Subscribe. */
    public static final String PUBSUB = "http://jabber.org/protocol/pubsub";

    /** XEP-0060, what subscribers are told. */
    public static final String PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event";

    /** XEP-0060, what owners ask for. */
    public static final String PUBSUB_OWNER = "http://jabber.org/protocol/pubsub#owner";

    /** XEP-0085, Chat State Notifications. */
    public static final String CHAT_STATES = "http://jabber.org/protocol/chatstates";

    /** XEP-0115, Entity Capabilities. */
    public static final String CAPS = "http://jabber.org/protocol/caps";

    /** XEP-0184, Message Delivery Receipts. */
    public static final String RECEIPTS = "urn:xmpp:receipts";

    /** XEP-0198, Stream Management. */
    public static final String STREAM_MANAGEMENT = "urn:xmpp:sm:3";

    /** XEP-0203, Delayed Delivery. */
    public static final String DELAY = "urn:xmpp:delay";

    /** XEP-0249, Direct MUC Invitations. */
    public static final String CONFERENCE = "jabber:x:conference";

    /** XEP-0280, Message Carbons. */
    public static final String CARBONS = "urn:xmpp:carbons:2";

    /** XEP-0297, Stanza Forwarding. */
    public static final String FORWARD = "urn:xmpp:forward:0";

    /** XEP-0308, Last Message Correction. */
    public static final String CORRECTION = "urn:xmpp:message-correct:0";

    /** XEP-0313, Message Archive Management. */
    public static final String MAM = "urn:xmpp:mam:2";

    /** XEP-0333, Displayed Markers. */
    public static final String CHAT_MARKERS = "urn:xmpp:chat-markers:0";

    /** XEP-0334, Message Processing Hints. */
    public static final String HINTS = "urn:xmpp:hints";

    /** XEP-0352, Client State Indication. */
    public static final String CLIENT_STATE = "urn:xmpp:csi:0";

    /** Calls that are going on, of our own: docs/protocol/calls.md. */
    public static final String CALLS = "https://dunlin.im/protocol/calls/1";

    /** XEP-0353, Jingle Message Initiation. */
    public static final String JINGLE_MESSAGE = "urn:xmpp:jingle-message:0";

    /** XEP-0390, Entity Capabilities 2.0. */
    public static final String CAPS2 = "urn:xmpp:caps";

    /** XEP-0359, Unique and Stable Stanza IDs. */
    public static final String STANZA_ID = "urn:xmpp:sid:0";

    /** XEP-0380, Explicit Message Encryption. */
    public static final String EXPLICIT_ENCRYPTION = "urn:xmpp:eme:0";

    /** XEP-0386, Bind 2. */
    public static final String BIND2 = "urn:xmpp:bind:0";

    /** XEP-0388, Extensible SASL Profile. */
    public static final String SASL2 = "urn:xmpp:sasl:2";

    /** XEP-0424, Message Retraction. */
    public static final String RETRACTION = "urn:xmpp:message-retract:1";

    /** XEP-0425, Moderated Message Retraction. */
    public static final String MODERATION = "urn:xmpp:message-moderate:1";

    /** XEP-0480, SASL Upgrade Tasks. */
    public static final String SASL_UPGRADE = "urn:xmpp:sasl:upgrade:0";

    /** XEP-0480 §3. */
    public static final String SCRAM_UPGRADE = "urn:xmpp:scram-upgrade:0";

    /** XEP-0444, Message Reactions. */
    public static final String REACTIONS = "urn:xmpp:reactions:0";

    private Ns() {}
}
