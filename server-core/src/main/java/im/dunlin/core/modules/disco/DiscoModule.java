// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.disco;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;
import static im.dunlin.core.module.Addressee.SERVICE;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Declared;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.caps.CapsHash;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.Advertisement;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * XEP-0030: Service Discovery, of what the modules have declared; XEP-0115 and XEP-0390: Entity Capabilities of the server;
 * XEP-0128 forms; XEP-0059 pages of long lists.
 */
public final class DiscoModule {
    /** What is hashed, on behalf of which program (XEP-0115 §4). */
    static final String CAPS_NODE = "https://dunlin.im";

    private static final Name INFO = Name.of(Ns.DISCO_INFO, "query");
    private static final Name IDENTITY = Name.of(Ns.DISCO_INFO, "identity");
    private static final Name FEATURE = Name.of(Ns.DISCO_INFO, "feature");
    private static final Name ITEMS = Name.of(Ns.DISCO_ITEMS, "query");
    private static final Name ITEM = Name.of(Ns.DISCO_ITEMS, "item");
    private static final Name CAPS = Name.of(Ns.CAPS, "c");
    private static final Name CAPS2 = Name.of(Ns.CAPS2, "c");
    private static final Name HASH = Name.of("urn:xmpp:hashes:2", "hash");

    /** XEP-0300 §5 has everybody know these. */
    private static final List<String> ALGORITHMS = List.of("sha-256", "sha3-256");

    /** Items in one answer; of a longer list it says so. */
    static final int MOST_ITEMS = 500;

    private final Declared declared;
    private final RosterView roster;
    private final PresenceView presence;

    /** By host. What a host can is settled when the modules are built, so each is computed once. */
    private final Map<String, Hashes> hashes = new ConcurrentHashMap<>();

    /**
     * What the info of a host is known by.
     *
     * @param legacy by SHA-1 (XEP-0115)
     * @param current for {@link #ALGORITHMS} (XEP-0390)
     */
    private record Hashes(String legacy, List<Element> current) {
        boolean areOf(String node) {
            return node.equals(CAPS_NODE + '#' + legacy)
                    || current.stream()
                            .anyMatch(hash -> node.equals(Ns.CAPS2 + '#' + hash.attr("algo") + '.' + hash.text()));
        }
    }

    public DiscoModule(Setup setup) {
        declared = setup.declared();
        roster = setup.require(RosterView.class);
        presence = setup.require(PresenceView.class);
        setup.implementing(30, "2.5.0")
                .implementing(115, "1.6.0")
                .implementing(128, "1.0.1")
                .feature(Ns.DISCO_INFO, Addressee.values())
                .feature(Ns.DISCO_ITEMS, Addressee.values())
                .feature(Ns.RSM, Addressee.values())
                .implementing(390, "0.3.2")
                .implementing(59, "1.0")
                .feature(Ns.CAPS, SERVER)
                .feature(Ns.CAPS2, SERVER)
                .identity(new Identity("server", "im", "Dunlin"), SERVER)
                .identity(new Identity("account", "registered", ""), OWN_ACCOUNT, ACCOUNT)
                .iqGet(INFO, Set.of(SERVER), this::serverInfo)
                .iqGet(ITEMS, Set.of(SERVER), this::serverItems)
                .iqGet(INFO, Set.of(OWN_ACCOUNT), (iq, turn) -> accountInfo(iq, OWN_ACCOUNT, turn))
                .iqGet(ITEMS, Set.of(OWN_ACCOUNT), (iq, turn) -> accountItems(iq, OWN_ACCOUNT, turn))
                .iqGet(INFO, Set.of(ACCOUNT), (iq, turn) -> accountInfo(iq, ACCOUNT, turn))
                .iqGet(ITEMS, Set.of(ACCOUNT), (iq, turn) -> accountItems(iq, ACCOUNT, turn))
                .iqGet(INFO, Set.of(SERVICE), this::serviceInfo)
                .iqGet(ITEMS, Set.of(SERVICE), this::serviceItems)
                .streamFeature(new Advertisement(stream -> Element.of(CAPS)
                        .attr("hash", "sha-1")
                        .attr("node", CAPS_NODE)
                        .attr("ver", hashes(stream.domain()).legacy())))
                .streamFeature(new Advertisement(stream ->
                        Element.of(CAPS2).children(hashes(stream.domain()).current())));
    }

    // ---- the server
    // --------------------------------------------------------------------------------------------------

    private Iq serverInfo(Iq iq, Turn turn) {
        String domain = domain(iq);
        String node = iq.request().attr("node");
        if (node == null || hashes(domain).areOf(node)) {
            return iq.result(serverInfo(domain).attrIfPresent("node", node));
        }
        return iq.result(node(node, iq, declared.nodes(SERVER, domain), turn));
    }

    private Element serverInfo(String domain) {
        return info(declared.identities(SERVER), features(SERVER, domain), declared.forms(SERVER, domain));
    }

    private Hashes hashes(String domain) {
        return hashes.computeIfAbsent(domain, host -> {
            Element info = serverInfo(host);
            return new Hashes(
                    CapsHash.sha1(info),
                    ALGORITHMS.stream()
                            .map(algorithm -> Element.of(
                                            HASH, Objects.requireNonNull(CapsHash.current(info, algorithm)))
                                    .attr("algo", algorithm))
                            .toList());
        });
    }

    private Iq serverItems(Iq iq, Turn turn) {
        String domain = domain(iq);
        List<Element> items = new ArrayList<>();
        for (Service service : declared.services()) {
            String jid = service.subdomain(domain) + '.' + domain;
            if (declared.service(jid) != null) {
                items.add(Element.of(ITEM)
                        .attr("jid", jid)
                        .attr("name", service.identity().name()));
            }
        }
        return items(iq, items, declared.nodes(SERVER, domain), turn);
    }

    private static String domain(Iq iq) {
        return Objects.requireNonNull(iq.to()).domain();
    }

    // ---- services
    // ----------------------------------------------------------------------------------------------------

    private Iq serviceInfo(Iq iq, Turn turn) {
        String domain = domain(iq);
        Service service = Objects.requireNonNull(declared.service(domain));
        String node = iq.request().attr("node");
        if (node != null) {
            return iq.result(node(node, iq, nodes(service, domain), turn));
        }
        Set<String> features = new TreeSet<>(service.features());
        features.addAll(features(SERVICE, domain));
        List<Element> forms = new ArrayList<>(declared.forms(SERVICE, domain));
        forms.addAll(service.forms(domain.substring(domain.indexOf('.') + 1)));
        return iq.result(info(List.of(service.identity()), features, forms));
    }

    private Iq serviceItems(Iq iq, Turn turn) {
        String domain = domain(iq);
        Service service = Objects.requireNonNull(declared.service(domain));
        return items(iq, List.of(), nodes(service, domain), turn);
    }

    /** What modules declare for all services goes first, so that nobody's own node can stand in for it. */
    private List<DiscoNodes> nodes(Service service, String domain) {
        List<DiscoNodes> nodes = new ArrayList<>(declared.nodes(SERVICE, domain));
        nodes.add(service.nodes());
        return nodes;
    }

    // ---- accounts
    // ----------------------------------------------------------------------------------------------------

    private Iq accountInfo(Iq iq, Addressee of, Turn turn) {
        String domain = turn.jid().domain();
        String node = iq.request().attr("node");
        if (node != null) {
            return forAsker(iq, of, turn, () -> iq.result(node(node, iq, declared.nodes(of, domain), turn)));
        }
        checkMaySee(iq, of, turn);
        return iq.result(info(declared.identities(of), features(of, domain), declared.forms(of, domain)));
    }

    private Iq accountItems(Iq iq, Addressee of, Turn turn) {
        List<DiscoNodes> nodes = declared.nodes(of, turn.jid().domain());
        if (iq.request().attr("node") != null) {
            return forAsker(iq, of, turn, () -> items(iq, List.of(), nodes, turn));
        }
        checkMaySee(iq, of, turn);
        List<Element> items = new ArrayList<>();
        for (ClientSession session : presence.available(turn)) {
            items.add(Element.of(ITEM).attr("jid", session.jid().toString()));
        }
        return items(iq, items, nodes, turn);
    }

    /** To a stranger an account looks like one that does not exist (XEP-0030 §8, threat S14). */
    private void checkMaySee(Iq iq, Addressee of, Turn turn) {
        Jid asker = iq.from();
        if (of == ACCOUNT && (asker == null || !roster.sendsPresenceTo(asker.bare(), turn))) {
            throw StanzaError.serviceUnavailable().toException();
        }
    }

    /** A node may be there for a stranger; one that is not looks as the account does. */
    private Iq forAsker(Iq iq, Addressee of, Turn turn, Supplier<Iq> answer) {
        try {
            return answer.get();
        } catch (StanzaException e) {
            checkMaySee(iq, of, turn);
            throw e;
        }
    }

    // ----------------------------------------------------------------------------------------------------------------

    private Set<String> features(Addressee of, String domain) {
        Set<String> features = declared.features(of, domain);
        declared.nodes(of, domain).forEach(nodes -> features.addAll(nodes.features(domain)));
        return features;
    }

    private static Element info(
            Collection<Identity> identities, Collection<String> features, Collection<Element> forms) {
        ElementBuilder query = Element.builder(INFO);
        for (Identity identity : identities) {
            query.child(Element.of(IDENTITY)
                    .attr("category", identity.category())
                    .attr("type", identity.type())
                    .attrIfPresent("name", identity.name().isEmpty() ? null : identity.name()));
        }
        features.forEach(feature -> query.child(Element.of(FEATURE).attr("var", feature)));
        return query.children(forms).build();
    }

    /** A node that is not there is not the entity itself. */
    private static Element node(String node, Iq iq, List<DiscoNodes> among, Turn turn) {
        for (DiscoNodes nodes : among) {
            List<Element> found = nodes.info(node, iq, turn);
            if (found != null) {
                return Element.builder(INFO).attr("node", node).children(found).build();
            }
        }
        throw StanzaError.itemNotFound().toException();
    }

    /** @param own items of the entity itself */
    private static Iq items(Iq iq, List<Element> own, List<DiscoNodes> among, Turn turn) {
        String node = iq.request().attr("node");
        if (node == null) {
            List<Element> all = new ArrayList<>(own);
            among.forEach(nodes -> all.addAll(nodes.items(iq, turn)));
            return page(iq, all);
        }
        for (DiscoNodes nodes : among) {
            List<Element> found = nodes.items(node, iq, turn);
            if (found != null) {
                return page(iq, found);
            }
        }
        throw StanzaError.itemNotFound().toException();
    }

    /** All of them, or the page that is asked for, or the first of a list that is too long for one answer. */
    private static Iq page(Iq iq, List<Element> items) {
        ElementBuilder query =
                Element.builder(ITEMS).attrIfPresent("node", iq.request().attr("node"));
        Element set = iq.request().first(PageRequest.SET);
        if (set == null && items.size() <= MOST_ITEMS) {
            return iq.result(query.children(items).build());
        }
        PageRequest page = PageRequest.parse(set, MOST_ITEMS, MOST_ITEMS);
        String after = page.after();
        String before = page.before();
        int from = after == null ? 0 : place(after, items) + 1;
        int to = before == null || before.isEmpty() ? items.size() : place(before, items);
        int size = Math.min(page.max(), Math.max(0, to - from));
        int first = page.isBackward() ? to - size : from;
        ElementBuilder marks = Element.builder(PageRequest.SET);
        if (size > 0) {
            marks.child(Element.of(PageRequest.FIRST, id(items.get(first))).attr("index", Integer.toString(first)))
                    .child(PageRequest.LAST, id(items.get(first + size - 1)));
        }
        marks.child(PageRequest.COUNT, Integer.toString(items.size()));
        return iq.result(query.children(items.subList(first, first + size))
                .child(marks.build())
                .build());
    }

    private static int place(String id, List<Element> items) {
        for (int i = 0; i < items.size(); i++) {
            if (id(items.get(i)).equals(id)) {
                return i;
            }
        }
        throw StanzaError.itemNotFound().toException();
    }

    /** By which a page names an item: of a node, items differ in their names alone. */
    private static String id(Element item) {
        return item.attr("jid") + ";" + Objects.requireNonNullElse(item.attr("node"), "") + ";"
                + Objects.requireNonNullElse(item.attr("name"), "");
    }
}
