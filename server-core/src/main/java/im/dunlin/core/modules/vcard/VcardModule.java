// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.vcard;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** XEP-0054: vcard-temp. Whoever knows an address may read its card; only its owner writes it. */
public final class VcardModule implements VcardView {
    private static final String NS = "vcard-temp";
    static final Name VCARD = Name.of(NS, "vCard");
    private static final Name PHOTO = Name.of(NS, "PHOTO");

    /** The card in canonical bytes. */
    static final TableSpec<Keys.Single, byte[]> SPEC = new TableSpec<>("vcard", Shape.POINT, Keys.SINGLE, Values.BYTES);

    private final Setup setup;
    private final Table<Keys.Single, byte[]> cards;
    private final List<CardFilter> filters = new ArrayList<>(1);

    public VcardModule(Setup setup) {
        this.setup = setup;
        cards = setup.table(SPEC);
        setup.implementing(54, "1.3.0")
                .provide(VcardView.class, this)
                .feature(NS, SERVER, OWN_ACCOUNT, ACCOUNT)
                .iqGet(VCARD, Set.of(OWN_ACCOUNT), this::own)
                .iqGet(VCARD, Set.of(ACCOUNT), this::others)
                .iqSet(VCARD, Set.of(OWN_ACCOUNT), this::set)
                .accountPart(new AccountPart() {
                    @Override
                    public Set<Name> elements() {
                        return Set.of(VCARD);
                    }

                    @Override
                    public void export(Owner account, Reader reader, Consumer<Element> out) {
                        byte[] stored = reader.get(cards, account.key(), Keys.Single.ROW);
                        if (stored != null) {
                            out.accept(Element.parse(stored));
                        }
                    }

                    @Override
                    public void take(Element piece, Turn turn) {
                        store(piece, piece.has(PHOTO), turn);
                    }
                });
    }

    @Override
    public void filter(CardFilter filter) {
        filters.add(filter);
    }

    private Element card(BareJid reader, Turn turn) {
        byte[] stored = turn.get(cards, Keys.Single.ROW);
        Element card = stored == null ? Element.of(VCARD) : Element.parse(stored);
        for (CardFilter filter : filters) {
            card = filter.shown(card, reader, turn);
        }
        return card;
    }

    private Iq own(Iq iq, Turn turn) {
        return iq.result(card(turn.jid(), turn));
    }

    /** An account without a card looks like none at all (threat S14). */
    private Iq others(Iq iq, Turn turn) {
        Element card = card(Objects.requireNonNull(iq.from()).bare(), turn);
        if (card.isEmpty()) {
            throw StanzaError.serviceUnavailable().toException();
        }
        return iq.result(card);
    }

    private Iq set(Iq iq, Turn turn) {
        int limit = setup.config().host(turn.jid().domain()).limits().vcardBytes();
        if (iq.payload().size() > limit) {
            throw StanzaError.notAcceptable()
                    .withText("a vCard has at most " + limit + " bytes")
                    .toException();
        }
        store(iq.request(), true, turn);
        return iq.result();
    }

    /** @param whole whether what the card does not have is gone; the card of an account that comes in may leave out its image */
    private void store(Element given, boolean whole, Turn turn) {
        Element card = given;
        for (CardFilter filter : whole ? filters : List.<CardFilter>of()) {
            card = filter.stored(card, turn);
        }
        turn.put(cards, Keys.Single.ROW, Payload.of(card).bytes());
    }
}
