// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** XEP-0441: which peers' messages an account keeps. Everything, until the user says otherwise. */
final class Preferences implements ArchivePolicy, AccountPart {
    /** The ordinals are on disk. */
    enum Default {
        ALWAYS,
        NEVER,
        ROSTER;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Default parse(String wire) {
            for (Default each : values()) {
                if (each.wire().equals(wire)) {
                    return each;
                }
            }
            throw StanzaError.badRequest("default must be always, never or roster")
                    .toException();
        }
    }

    record Wishes(Default byDefault, Set<Jid> always, Set<Jid> never) {
        static final Wishes NONE = new Wishes(Default.ALWAYS, Set.of(), Set.of());
    }

    private static final Name PREFS = Name.of(Ns.MAM, "prefs");
    private static final Name ALWAYS = Name.of(Ns.MAM, "always");
    private static final Name NEVER = Name.of(Ns.MAM, "never");
    private static final Name JID = Name.of(Ns.MAM, "jid");

    /** JIDs in each list. */
    private static final int MAX_JIDS = 1_000;

    static final TableSpec<Keys.Single, Wishes> PREFERENCES = new TableSpec<>(
            "archive-preferences",
            Shape.POINT,
            Keys.SINGLE,
            Values.versioned(1, Preferences::write, Preferences::read));

    private static final CacheKey<Wishes> WISHES = new CacheKey<>("archive.preferences");

    private final Table<Keys.Single, Wishes> table;
    private final RosterView roster;

    Preferences(Setup setup) {
        roster = setup.require(RosterView.class);
        table = setup.table(PREFERENCES);
    }

    void declare(Setup setup) {
        setup.iqGet(PREFS, Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> iq.result(element(wishes(turn))))
                .iqSet(PREFS, Set.of(Addressee.OWN_ACCOUNT), this::set);
    }

    /** Whether the account wants to keep this message. */
    boolean keeps(Turn turn, Passage passage) {
        Jid peer = passage.way() == Way.OUTBOUND
                ? passage.message().to()
                : passage.message().from();
        return keeps(turn, peer == null ? turn.jid() : peer);
    }

    /** A list entry without resource stands for all resources. */
    @Override
    public boolean keeps(Turn turn, Jid peer) {
        Wishes wishes = wishes(turn);
        if (isIn(wishes.never(), peer)) {
            return false;
        }
        if (isIn(wishes.always(), peer)) {
            return true;
        }
        return switch (wishes.byDefault()) {
            case ALWAYS -> true;
            case NEVER -> false;
            case ROSTER -> roster.item(peer.bare(), turn) != null;
        };
    }

    private static boolean isIn(Set<Jid> list, Jid peer) {
        return !list.isEmpty() && (list.contains(peer) || list.contains(peer.bare()));
    }

    private Wishes wishes(Turn turn) {
        return turn.cached(WISHES, () -> {
            Wishes stored = turn.get(table, Keys.Single.ROW);
            return stored == null ? Wishes.NONE : stored;
        });
    }

    private Iq set(Iq iq, Turn turn) {
        return iq.result(element(set(iq.request(), turn)));
    }

    private Wishes set(Element prefs, Turn turn) {
        Wishes wishes = new Wishes(
                Default.parse(prefs.requireAttr("default")), jids(prefs.first(ALWAYS)), jids(prefs.first(NEVER)));
        turn.put(table, Keys.Single.ROW, wishes);
        turn.forget(WISHES);
        return wishes;
    }

    @Override
    public Set<Name> elements() {
        return Set.of(PREFS);
    }

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        Wishes stored = reader.get(table, account.key(), Keys.Single.ROW);
        if (stored != null) {
            out.accept(element(stored));
        }
    }

    @Override
    public void take(Element piece, Turn turn) {
        set(piece, turn);
    }

    private static Set<Jid> jids(@Nullable Element list) {
        Set<Jid> jids = new LinkedHashSet<>();
        if (list != null) {
            for (Element item : list.children(JID)) {
                jids.add(FormFields.jid("jid", item.requireText()));
            }
        }
        if (jids.size() > MAX_JIDS) {
            throw StanzaError.resourceConstraint("at most " + MAX_JIDS + " JIDs in a list")
                    .toException();
        }
        return jids;
    }

    private static Element element(Wishes wishes) {
        return Element.builder(PREFS)
                .attr("default", wishes.byDefault().wire())
                .child(list(ALWAYS, wishes.always()))
                .child(list(NEVER, wishes.never()))
                .build();
    }

    private static Element list(Name name, Set<Jid> jids) {
        ElementBuilder list = Element.builder(name);
        jids.forEach(jid -> list.child(JID, jid.toString()));
        return list.build();
    }

    private static void write(ValueWriter out, Wishes wishes) {
        out.u8(wishes.byDefault().ordinal())
                .list(wishes.always(), (o, jid) -> o.text(jid.toString()))
                .list(wishes.never(), (o, jid) -> o.text(jid.toString()));
    }

    private static Wishes read(ValueReader in) {
        int byDefault = in.u8();
        if (byDefault >= Default.values().length) {
            throw new CorruptionException("an archive default of number " + byDefault);
        }
        return new Wishes(Default.values()[byDefault], readJids(in), readJids(in));
    }

    private static Set<Jid> readJids(ValueReader in) {
        return new LinkedHashSet<>(in.list(i -> Jid.prepared(i.text())));
    }
}
