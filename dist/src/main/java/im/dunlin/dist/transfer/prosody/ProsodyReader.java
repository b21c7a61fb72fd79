// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the data directory of Prosody with its internal storage (its default): {@code HOST/STORE/USER.dat} with one table and {@code
 * HOST/STORE/USER.list} with many, where names are written with {@code %} and hexadecimal octets. While Prosody is stopped.
 *
 * <pre>
 * accounts       stored_key, server_key, salt, iteration_count; or password
 * roster         address → subscription, ask, name, groups; false → pending
 * vcard          element
 * private        name:namespace → element
 * blocklist      address → true
 * privacy        lists, default
 * archive_prefs  address → true or false; false → what is usual
 * pep            node → config, affiliations, subscribers; its items are in the store pep_NODE
 * archive        messages, with key and when
 * offline        messages
 * </pre>
 */
public final class ProsodyReader {
    private static final String PIE = "urn:xmpp:pie:0";
    private static final Name ROSTER = Name.of("jabber:iq:roster", "query");
    private static final Name ROSTER_ITEM = Name.of("jabber:iq:roster", "item");
    private static final Name GROUP = Name.of("jabber:iq:roster", "group");
    private static final Name PRESENCE = Name.of(Ns.CLIENT, "presence");
    private static final Name PRIVATE = Name.of("jabber:iq:private", "query");
    private static final Name BLOCKLIST = Name.of("urn:xmpp:blocking", "blocklist");
    private static final Name BLOCKED = Name.of("urn:xmpp:blocking", "item");
    private static final Name PREFS = Name.of(Ns.MAM, "prefs");
    private static final Name OWNER = Name.of(Ns.PUBSUB_OWNER, "pubsub");
    private static final Name CONFIGURE = Name.of(Ns.PUBSUB_OWNER, "configure");
    private static final Name AFFILIATIONS = Name.of(Ns.PUBSUB_OWNER, "affiliations");
    private static final Name AFFILIATION = Name.of(Ns.PUBSUB_OWNER, "affiliation");
    private static final Name SUBSCRIPTIONS = Name.of(Ns.PUBSUB_OWNER, "subscriptions");
    private static final Name SUBSCRIPTION = Name.of(Ns.PUBSUB_OWNER, "subscription");
    private static final Name PUBSUB = Name.of(Ns.PUBSUB, "pubsub");
    private static final Name ITEMS = Name.of(Ns.PUBSUB, "items");
    private static final Name ITEM = Name.of(Ns.PUBSUB, "item");
    private static final Name ARCHIVE = Name.of(PIE + "#mam", "archive");
    private static final Name RESULT = Name.of(Ns.MAM, "result");
    private static final Name OFFLINE = Name.of(PIE, "offline-messages");

    /** Names of a node's configuration that differ from those on the wire. */
    private static final Map<String, String> FIELDS = Map.of(
            "payload_type", "type",
            "notify_items", "deliver_notifications",
            "include_payload", "deliver_payloads");

    private final Path root;
    private final AccountSink sink;

    private ProsodyReader(Path root, AccountSink sink) {
        this.root = root;
        this.sink = sink;
    }

    /**
     * Gives all accounts to the sink, in the order of their domains and names.
     *
     * @throws PortableException where a file of an account is not what it should be and the sink does not go on
     */
    public static void read(Path directory, AccountSink sink) throws PortableException {
        new ProsodyReader(directory, sink).hosts();
    }

    private void hosts() throws PortableException {
        boolean any = false;
        for (Path host : sorted(root, "")) {
            Path accounts = host.resolve("accounts");
            if (Files.isDirectory(accounts)) {
                any = true;
                for (Path account : sorted(accounts, ".dat")) {
                    account(host, account);
                }
            }
        }
        if (!any) {
            throw new PortableException(
                    Position.of(root.toString()),
                    "has no accounts (expected: the data directory of Prosody with internal storage)");
        }
    }

    private static List<Path> sorted(Path directory, String suffix) throws PortableException {
        TreeSet<Path> found = new TreeSet<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
            for (Path path : paths) {
                if (path.getFileName().toString().endsWith(suffix)) {
                    found.add(path);
                }
            }
        } catch (IOException e) {
            throw new PortableException(Position.of(directory.toString()), "cannot be read (" + e.getMessage() + ")");
        }
        return List.copyOf(found);
    }

    /** A name as Prosody's {@code path_encode} writes it. */
    static String decoded(String encoded, Position at) throws PortableException {
        byte[] octets = encoded.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[octets.length];
        int length = 0;
        try {
            for (int i = 0; i < octets.length; i++) {
                if (octets[i] == '%') {
                    decoded[length++] = (byte) HexFormat.fromHexDigits(encoded, i + 1, i + 3);
                    i += 2;
                } else {
                    decoded[length++] = octets[i];
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PortableException(at, "a name that is not encoded as Prosody does it");
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }

    private void account(Path host, Path file) throws PortableException {
        Position at = at(file);
        String name = file.getFileName().toString();
        new Account(host, name.substring(0, name.length() - ".dat".length()))
                .give(decoded(host.getFileName().toString(), at), at);
    }

    private static Position at(Path file) {
        return Position.of(file.toString());
    }

    /** One account; its files have the same name in each store. */
    private final class Account {
        private final Path host;
        private final String user;

        Account(Path host, String user) {
            this.host = host;
            this.user = user;
        }

        void give(String domain, Position at) throws PortableException {
            LuaTable credentials = table("accounts");
            if (credentials == null) {
                return;
            }
            String password = credentials.text("password");
            boolean isPlain = password != null && !password.isEmpty();
            sink.begin(at, domain, decoded(user, at), isPlain ? password : null);
            try {
                if (!isPlain) {
                    scram(credentials, at);
                }
                roster();
                vcard();
                privateXml();
                blocked();
                preferences();
                nodes();
                archive();
                offline();
            } catch (PortableException e) {
                // Each account has files of its own: those of the others may be well.
                sink.broken(e);
                return;
            }
            sink.end();
        }

        private void scram(LuaTable credentials, Position at) throws PortableException {
            String storedKey = credentials.text("stored_key");
            String serverKey = credentials.text("server_key");
            String salt = credentials.text("salt");
            Double iterations = credentials.number("iteration_count");
            if (storedKey == null || serverKey == null || salt == null || iterations == null) {
                return;
            }
            try {
                byte[] stored = HexFormat.of().parseHex(storedKey);
                // The hash is the server's setting and is not written; the keys' length tells it.
                String mechanism = stored.length == 20 ? "SCRAM-SHA-1" : stored.length == 32 ? "SCRAM-SHA-256" : null;
                if (mechanism != null) {
                    sink.piece(
                            at,
                            ScramCredentials.of(
                                    mechanism,
                                    iterations.intValue(),
                                    salt.getBytes(StandardCharsets.UTF_8),
                                    HexFormat.of().parseHex(serverKey),
                                    stored));
                }
            } catch (IllegalArgumentException e) {
                throw new PortableException(at, "keys that are not hexadecimal");
            }
        }

        // ---- what is kept in a table

        private void roster() throws PortableException {
            LuaTable roster = table("roster");
            if (roster == null) {
                return;
            }
            Position at = at(file("roster", "dat"));
            @Nullable LuaTable pending = null;
            for (Map.Entry<Object, Object> each : roster.entries().entrySet()) {
                if (!(each.getValue() instanceof LuaTable item)) {
                    continue;
                }
                if (!(each.getKey() instanceof String jid)) {
                    pending = item.table("pending");
                } else if (jid.equals("pending") && item.text("subscription") == null) {
                    pending = item;
                } else {
                    sink.piece(at, Element.of(ROSTER).child(item(jid, item)));
                }
            }
            if (pending != null) {
                for (Map.Entry<Object, Object> each : pending.entries().entrySet()) {
                    if (each.getKey() instanceof String jid) {
                        sink.piece(at, request(jid, each.getValue(), at));
                    }
                }
            }
        }

        private static Element item(String jid, LuaTable item) {
            ElementBuilder element = Element.builder(ROSTER_ITEM)
                    .attr("jid", jid)
                    .attrIfPresent("name", item.text("name"))
                    .attrIfPresent("subscription", item.text("subscription"))
                    .attrIfPresent("ask", item.text("ask"));
            if (Boolean.TRUE.equals(item.get("approved"))) {
                element.attr("approved", "true");
            }
            LuaTable groups = item.table("groups");
            if (groups != null) {
                groups.entries().keySet().forEach(group -> {
                    if (group instanceof String text) {
                        element.child(GROUP, text);
                    }
                });
            }
            return element.build();
        }

        private static Element request(String from, Object kept, Position at) throws PortableException {
            ElementBuilder request =
                    Element.builder(PRESENCE).attr("type", "subscribe").attr("from", from);
            return kept instanceof LuaTable stanza
                    ? request.children(LuaStanza.element(stanza, Ns.CLIENT, false, at)
                                    .children())
                            .build()
                    : request.build();
        }

        private void vcard() throws PortableException {
            LuaTable card = table("vcard");
            if (card != null && card.text("name") != null) {
                Position at = at(file("vcard", "dat"));
                sink.piece(at, LuaStanza.element(card, "vcard-temp", false, at));
                return;
            }
            // Newer versions have the card as a node, and make the old form of it for who asks.
            list("pep_" + Vcard4.NODE, (item, at) -> {
                Element old = Vcard4.toTemp(LuaStanza.element(item, "", true, at));
                if (!old.isEmpty()) {
                    sink.piece(at, old);
                }
            });
        }

        private void privateXml() throws PortableException {
            LuaTable elements = table("private");
            Position at = at(file("private", "dat"));
            for (Object element :
                    elements == null ? List.of() : elements.entries().values()) {
                if (element instanceof LuaTable table) {
                    sink.piece(at, Element.of(PRIVATE).child(LuaStanza.element(table, "", false, at)));
                }
            }
        }

        private void blocked() throws PortableException {
            LuaTable blocklist = table("blocklist");
            ElementBuilder list = Element.builder(BLOCKLIST);
            if (blocklist != null) {
                blocklist.entries().keySet().forEach(jid -> block(jid, list));
            } else {
                LuaTable privacy = table("privacy");
                LuaTable lists = privacy == null ? null : privacy.table("lists");
                String usual = privacy == null ? null : privacy.text("default");
                LuaTable chosen = lists == null || usual == null ? null : lists.table(usual);
                LuaTable items = chosen == null ? null : chosen.table("items");
                for (Object item : items == null ? List.of() : items.sequence()) {
                    if (item instanceof LuaTable rule
                            && "jid".equals(rule.text("type"))
                            && "deny".equals(rule.text("action"))) {
                        block(rule.get("value"), list);
                    }
                }
            }
            Element whole = list.build();
            if (!whole.isEmpty()) {
                sink.piece(at(file("blocklist", "dat")), whole);
            }
        }

        private static void block(@Nullable Object jid, ElementBuilder list) {
            if (jid instanceof String text) {
                list.child(Element.of(BLOCKED).attr("jid", text));
            }
        }

        private void preferences() throws PortableException {
            LuaTable wishes = table("archive_prefs");
            Object usual = wishes == null ? null : wishes.get(false);
            if (wishes == null || usual == null) {
                return;
            }
            ElementBuilder always = Element.builder(Name.of(Ns.MAM, "always"));
            ElementBuilder never = Element.builder(Name.of(Ns.MAM, "never"));
            wishes.entries().forEach((jid, wish) -> {
                if (jid instanceof String text) {
                    (Boolean.TRUE.equals(wish) ? always : never).child(Name.of(Ns.MAM, "jid"), text);
                }
            });
            String byDefault = usual instanceof String ? "roster" : usual.equals(true) ? "always" : "never";
            sink.piece(
                    at(file("archive_prefs", "dat")),
                    Element.of(PREFS)
                            .attr("default", byDefault)
                            .child(always.build())
                            .child(never.build()));
        }

        // ---- nodes

        private void nodes() throws PortableException {
            LuaTable pep = table("pep");
            if (pep == null) {
                return;
            }
            Position at = at(file("pep", "dat"));
            Map<String, Object> nodes = new TreeMap<>();
            pep.entries().forEach((name, node) -> {
                if (name instanceof String text) {
                    nodes.put(text, node);
                }
            });
            for (Map.Entry<String, Object> each : nodes.entrySet()) {
                LuaTable node = each.getValue() instanceof LuaTable table ? table : new LuaTable();
                configure(each.getKey(), node, at);
            }
            for (String node : nodes.keySet()) {
                items(node);
            }
        }

        private void configure(String name, LuaTable node, Position at) throws PortableException {
            ElementBuilder form = Element.builder(FormFields.FORM)
                    .attr("type", "submit")
                    .child(field("FORM_TYPE", Ns.PUBSUB + "#node_config"));
            LuaTable config = node.table("config");
            if (config != null) {
                config.entries().forEach((key, value) -> {
                    if (key instanceof String text && !(value instanceof LuaTable)) {
                        form.child(field("pubsub#" + FIELDS.getOrDefault(text, text), value.toString()));
                    }
                });
            }
            sink.piece(at, of(Element.of(CONFIGURE).attr("node", name).child(form.build())));
            LuaTable affiliations = node.table("affiliations");
            if (affiliations != null) {
                for (Map.Entry<Object, Object> each : affiliations.entries().entrySet()) {
                    if (each.getKey() instanceof String jid && each.getValue() instanceof String affiliation) {
                        Element child = Element.of(AFFILIATION).attr("jid", jid).attr("affiliation", affiliation);
                        sink.piece(
                                at,
                                of(Element.of(AFFILIATIONS).attr("node", name).child(child)));
                    }
                }
            }
            LuaTable subscribers = node.table("subscribers");
            if (subscribers != null) {
                for (Object each : subscribers.entries().keySet()) {
                    if (each instanceof String jid) {
                        Element child =
                                Element.of(SUBSCRIPTION).attr("jid", jid).attr("subscription", "subscribed");
                        sink.piece(
                                at,
                                of(Element.of(SUBSCRIPTIONS).attr("node", name).child(child)));
                    }
                }
            }
        }

        private static Element of(Element child) {
            return Element.of(OWNER).child(child);
        }

        private static Element field(String name, String value) {
            return Element.of(FormFields.FIELD).attr("var", name).child(FormFields.VALUE, value);
        }

        private void items(String node) throws PortableException {
            list("pep_" + node, (item, at) -> {
                String id = item.text("key");
                ElementBuilder element = Element.builder(ITEM)
                        .attrIfPresent("id", id)
                        .attrIfPresent("publisher", item.text("with"))
                        .child(LuaStanza.element(item, "", true, at));
                sink.piece(
                        at,
                        Element.of(PUBSUB)
                                .child(Element.of(ITEMS).attr("node", node).child(element.build())));
            });
        }

        // ---- messages

        private void archive() throws PortableException {
            list("archive", (item, at) -> {
                Element message = LuaStanza.element(item, Ns.CLIENT, true, at);
                Element forwarded = Element.of(Forwarded.NAME)
                        .child(Element.of(Delay.NAME)
                                .attr("stamp", time(item, at).toString()))
                        .child(message);
                Element result =
                        Element.of(RESULT).attrIfPresent("id", item.text("key")).child(forwarded);
                sink.piece(at, Element.of(ARCHIVE).child(result));
            });
        }

        private void offline() throws PortableException {
            list("offline", (item, at) -> {
                Element message = LuaStanza.element(item, Ns.CLIENT, true, at);
                if (!message.has(Delay.NAME)) {
                    message = message.child(
                            Element.of(Delay.NAME).attr("stamp", time(item, at).toString()));
                }
                sink.piece(at, Element.of(OFFLINE).child(message));
            });
        }

        private static Instant time(LuaTable item, Position at) throws PortableException {
            Double when = item.number("when");
            LuaTable attributes = item.table("attr");
            String stamp = attributes == null ? null : attributes.text("stamp");
            Instant time = stamp == null ? null : Delay.parseTime(stamp);
            if (when != null && when >= 0 && when < 1e11) {
                long micros = BigDecimal.valueOf(when).movePointRight(6).longValue();
                return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
            }
            if (time == null) {
                throw new PortableException(at, "a message without its time");
            }
            return time;
        }

        // ---- files

        private Path file(String store, String extension) {
            return host.resolve(encoded(store)).resolve(user + "." + extension);
        }

        /** The table of a store; null if there is none. */
        private @Nullable LuaTable table(String store) throws PortableException {
            Path file = file(store, "dat");
            if (!Files.exists(file)) {
                return null;
            }
            try (LuaReader reader = open(file)) {
                return reader.table();
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        private interface EachItem {
            void accept(LuaTable item, Position at) throws PortableException;
        }

        private void list(String store, EachItem each) throws PortableException {
            Path file = file(store, "list");
            if (!Files.exists(file)) {
                return;
            }
            try (LuaReader reader = open(file)) {
                for (LuaTable item = reader.item(); item != null; item = reader.item()) {
                    each.accept(item, reader.position());
                }
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        private LuaReader open(Path file) throws IOException, PortableException {
            return new LuaReader(at(file).file(), new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        }

        private PortableException unreadable(Path file, IOException e) {
            return new PortableException(at(file), "cannot be read (" + e.getMessage() + ")");
        }
    }

    /** A store's name as Prosody's {@code store_encode} writes it. */
    static String encoded(String store) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : store.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = octet >= 'a' && octet <= 'z'
                    || octet >= 'A' && octet <= 'Z'
                    || octet >= '0' && octet <= '9'
                    || octet == '_';
            encoded.append(isPlain ? Character.toString(octet) : "%%%02x".formatted(octet));
        }
        return encoded.toString();
    }
}
