// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.privatexml;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** XEP-0049: Private XML Storage, of one's own account. */
public final class PrivateXmlModule implements PrivateXmlView {
    private static final String NS = "jabber:iq:private";
    private static final Name QUERY = Name.of(NS, "query");

    private static final KeyCodec<Name> NAMES = new KeyCodec<>() {
        @Override
        public void write(Name key, KeyWriter out) {
            out.text(key.namespace()).text(key.local());
        }

        @Override
        public Name read(KeyReader in) {
            return Name.of(in.text(), in.text());
        }
    };

    /** Each element under its name, in canonical bytes. */
    static final TableSpec<Name, byte[]> SPEC = new TableSpec<>("private-xml", Shape.POINT, NAMES, Values.BYTES);

    private final Setup setup;
    private final Table<Name, byte[]> elements;
    private final Map<Name, ElementFilter> filters = new HashMap<>();

    public PrivateXmlModule(Setup setup) {
        this.setup = setup;
        elements = setup.table(SPEC);
        setup.implementing(49, "1.2")
                .provide(PrivateXmlView.class, this)
                .feature(NS, SERVER, OWN_ACCOUNT)
                .iqGet(QUERY, Set.of(OWN_ACCOUNT), this::get)
                .iqSet(QUERY, Set.of(OWN_ACCOUNT), this::set)
                .accountPart(new AccountPart() {
                    @Override
                    public Set<Name> elements() {
                        return Set.of(QUERY);
                    }

                    @Override
                    public void export(Owner account, Reader reader, Consumer<Element> out) {
                        try (Scan<Name, byte[]> rows =
                                reader.scan(elements, account.key(), Range.all(), Direction.FORWARD)) {
                            rows.forEachRemaining(
                                    row -> out.accept(Element.of(QUERY).child(Element.parse(row.value()))));
                        }
                    }

                    @Override
                    public void take(Element piece, Turn turn) {
                        piece.children().forEach(element -> store(element, turn));
                    }
                });
    }

    @Override
    public void filter(Name element, ElementFilter filter) {
        filters.put(element, filter);
    }

    /** What was never stored is answered as it was asked for: empty (§3). */
    private Iq get(Iq iq, Turn turn) {
        List<Element> asked = iq.request().children();
        if (asked.size() != 1) {
            throw StanzaError.badRequest("ask for exactly one element").toException();
        }
        Name name = checked(asked.get(0));
        byte[] stored = turn.get(elements, name);
        Element found = stored == null ? asked.get(0) : Element.parse(stored);
        ElementFilter filter = filters.get(name);
        if (filter != null) {
            found = filter.shown(found, turn);
        }
        return iq.result(Element.of(QUERY).child(found));
    }

    private Iq set(Iq iq, Turn turn) {
        List<Element> given = iq.request().children();
        if (given.isEmpty()) {
            throw StanzaError.badRequest("there is nothing to store").toException();
        }
        given.forEach(element -> store(element, turn));
        int limit = setup.config().host(turn.jid().domain()).limits().privateXmlBytes();
        if (size(turn) > limit) {
            throw StanzaError.resourceConstraint("private storage has at most " + limit + " bytes")
                    .toException();
        }
        return iq.result();
    }

    private void store(Element given, Turn turn) {
        Name name = checked(given);
        ElementFilter filter = filters.get(name);
        Element kept = filter == null ? given : filter.stored(given, turn);
        turn.put(elements, name, Payload.of(kept).bytes());
    }

    /** The namespace is what keeps one client's data from another's. */
    private static Name checked(Element element) {
        String namespace = element.name().namespace();
        if (namespace.isEmpty() || namespace.equals(Ns.CLIENT) || namespace.equals(NS)) {
            throw StanzaError.notAcceptable()
                    .withText("an element in a namespace of its own is needed")
                    .toException();
        }
        return element.name();
    }

    private long size(Turn turn) {
        long size = 0;
        for (Row<Name, byte[]> row : turn.scan(elements, Range.all(), Direction.FORWARD, Integer.MAX_VALUE)) {
            size += row.value().length;
        }
        return size;
    }
}
