// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.vcard;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.util.Set;

/** XEP-0054: vcard-temp. Whoever knows an address may read its card; only its owner writes it. */
public final class VcardModule {
    private static final String NS = "vcard-temp";
    private static final Name VCARD = Name.of(NS, "vCard");

    /** The card in canonical bytes. */
    static final TableSpec<Keys.Single, byte[]> SPEC = new TableSpec<>("vcard", Shape.POINT, Keys.SINGLE, Values.BYTES);

    private final Setup setup;
    private final Table<Keys.Single, byte[]> cards;

    public VcardModule(Setup setup) {
        this.setup = setup;
        cards = setup.table(SPEC);
        setup.implementing(54, "1.3.0")
                .feature(NS, SERVER, OWN_ACCOUNT, ACCOUNT)
                .iqGet(VCARD, Set.of(OWN_ACCOUNT), this::own)
                .iqGet(VCARD, Set.of(ACCOUNT), this::others)
                .iqSet(VCARD, Set.of(OWN_ACCOUNT), this::set);
    }

    private Iq own(Iq iq, Turn turn) {
        byte[] card = turn.get(cards, Keys.Single.ROW);
        return card == null ? iq.result(Element.of(VCARD)) : iq.result(Payload.parse(card));
    }

    /** An account without a card looks like none at all (threat S14). */
    private Iq others(Iq iq, Turn turn) {
        byte[] card = turn.get(cards, Keys.Single.ROW);
        if (card == null) {
            throw StanzaError.serviceUnavailable().toException();
        }
        return iq.result(Payload.parse(card));
    }

    private Iq set(Iq iq, Turn turn) {
        int limit = setup.config().host(turn.jid().domain()).limits().vcardBytes();
        if (iq.payload().size() > limit) {
            throw StanzaError.notAcceptable()
                    .withText("a vCard has at most " + limit + " bytes")
                    .toException();
        }
        turn.put(cards, Keys.Single.ROW, iq.payload().bytes());
        return iq.result();
    }
}
