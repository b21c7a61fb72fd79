// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.Announcement;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.OpenPages;
import im.dunlin.sync.archive.PageBound;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.XabberStreams;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Client Synchronization, as Xabber's clients speak it: which conversations changed since a stamp, pages of them, changes of
 * their state, and pushes of these to the account's other devices.
 *
 * <p>Few changes are read and answered in the turn of the question. More are read on a snapshot; if something changed until
 * the answer's turn, they are read again, because a client believes the last that it is told and was told the change already.
 */
public final class SynchronizationModule implements SynchronizationView {
    private static final Logger logger = LoggerFactory.getLogger(SynchronizationModule.class);

    private static final Name QUERY = Name.of(ConversationElements.SYNCHRONIZATION, "query");
    private static final Name FEATURE = Name.of(ConversationElements.SYNCHRONIZATION, "synchronization");

    private static final SessionKey<Walk.Open> WALKS = new SessionKey<>("synchronization.walks");

    /** Conversations to be pushed at the end of the turn. */
    private static final CacheKey<Set<ConversationKey>> PUSHES = new CacheKey<>("synchronization.pushes");

    /** What the account's lane reads itself; it is what has to be read after a short sleep. */
    private static final int READ_IN_TURN = 20;

    private static final int READ_AGAIN = 3;

    private static final Set<Cause> PUSHED = Set.of(Cause.STATE, Cause.REWRITE, Cause.READ, Cause.PRUNED);

    private final ServerConfig config;
    private final List<Epoch> epochs;
    private final ConversationLog log;
    private final LogReader reader;
    private final PresenceView presence;
    private final RosterView roster;
    private final ConversationElements elements;

    public SynchronizationModule(Setup setup) {
        config = setup.config();
        epochs = setup.epochs();
        log = setup.require(ConversationLog.class);
        reader = log.reader();
        presence = setup.require(PresenceView.class);
        roster = setup.require(RosterView.class);
        elements = new ConversationElements(reader, roster);
        log.observe((turn, key, head, cause) -> changed(turn, key, cause));
        roster.follow(new Requests());
        setup.provide(SynchronizationView.class, this)
                .streamFeature(Announcement.afterLogin(Element.of(FEATURE)))
                .feature(ConversationElements.SYNCHRONIZATION, OWN_ACCOUNT, SERVER)
                .iqGet(QUERY, Set.of(OWN_ACCOUNT), this::get)
                .iqSet(QUERY, Set.of(OWN_ACCOUNT), this::set)
                .screen(SynchronizationModule::screen);
    }

    /** Pushes are made here: to a client, any other is a forgery (threat S03). */
    private static Verdict screen(Stanza stanza, Way way, Turn turn) {
        return way == Way.INBOUND
                        && stanza instanceof Iq iq
                        && iq.isRequest()
                        && iq.payload().has(QUERY)
                ? Verdict.bounce(StanzaError.serviceUnavailable())
                : Verdict.PASS;
    }

    @Override
    public void show(LiveCalls calls) {
        elements.show(calls);
    }

    @Override
    public void show(GroupFacts groups) {
        elements.show(groups);
    }

    // ---- what changed
    // ------------------------------------------------------------------------------------------------

    /**
     * A question on its way to its answer.
     *
     * @param since what is served for the stamp that was asked with
     * @param walk what it goes on with; null if it begins, or if the walk is forgotten
     */
    private record Question(
            Iq iq, SyncQuery query, long since, @Nullable Walk walk) {}

    private @Nullable Iq get(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        XabberStreams.noted(turn);
        SyncQuery query = SyncQuery.parse(iq.request());
        OwnerKey account = turn.owner().key();
        Walk walk = query.hasCursor() ? walks(turn, session).of(query.since()) : null;
        long since = walk != null ? walk.since() : known(turn.reader(), account, turn.jid(), query.since());
        Question question = new Question(iq, query, since, walk);
        if (since > 0 && reader.changedAtMost(turn.reader(), account, since, READ_IN_TURN)) {
            answer(turn, question, read(turn, question));
            return null;
        }
        OpenPages.begin(turn, session, config.host(turn.jid().domain()).limits());
        readOutside(turn, session, question, READ_AGAIN);
        return null;
    }

    private void readOutside(Turn turn, ClientSession session, Question question, int again) {
        OwnerKey account = turn.owner().key();
        BareJid jid = turn.jid();
        Instant now = turn.now();
        OpenPages.read(turn, session, question.iq(), rows -> read(rows, account, jid, now, question), (then, page) -> {
            boolean isOld = page.accountStamp() != reader.stamp(then.reader(), account);
            if (isOld && again > 0) {
                readOutside(then, session, question, again - 1);
                return;
            }
            OpenPages.end(then, session);
            answer(then, question, isOld ? read(then, question) : page);
        });
    }

    private Page read(Turn turn, Question question) {
        return read(turn.reader(), turn.owner().key(), turn.jid(), turn.now(), question);
    }

    private Page read(Reader rows, OwnerKey account, BareJid jid, Instant now, Question question) {
        boolean counts = question.walk() == null;
        ConversationPage page =
                ConversationPage.read(reader, rows, account, question.since(), question.query(), counts);
        return Page.of(page, elements.writer(rows, account, jid, now, maxBytes(jid)));
    }

    /** A page, written. */
    private record Page(ConversationPage page, List<Element> conversations) {
        static Page of(ConversationPage page, ConversationWriter writer) {
            List<Element> conversations = new ArrayList<>();
            page.rows().forEach(row -> conversations.add(writer.write(row.key(), row.value(), true)));
            return new Page(page, conversations);
        }

        long accountStamp() {
            return page.accountStamp();
        }

        int size() {
            return conversations.size();
        }

        long first() {
            return page.rows().get(0).value().orderStamp();
        }

        long last() {
            return page.rows().get(size() - 1).value().orderStamp();
        }

        Element result(long stamp, SyncQuery query, long count, @Nullable Long index) {
            ElementBuilder result = Element.builder(QUERY)
                    .attr("stamp", ConversationElements.number(stamp))
                    .children(conversations);
            if (query.isPaged() || count > size()) {
                result.child(set(query, count, index));
            }
            return result.build();
        }

        private Element set(SyncQuery query, long count, @Nullable Long index) {
            ElementBuilder set = Element.builder(PageRequest.SET);
            if (size() > 0) {
                set.child(Element.of(PageRequest.FIRST, ConversationElements.number(first()))
                                .attrIfPresent("index", index == null ? null : index.toString()))
                        .child(PageRequest.LAST, ConversationElements.number(last()));
            }
            // Behind the end nothing is counted: a client goes round and round if it is told of more.
            boolean isEnd = size() == 0 && query.max() > 0;
            return set.child(PageRequest.COUNT, isEnd ? "0" : Long.toString(count))
                    .build();
        }
    }

    @Override
    public long known(Reader rows, OwnerKey account, BareJid jid, long stamp) {
        boolean isFuture = stamp > reader.stamp(rows, account);
        if (stamp != 0 && (isFuture || epochs.stream().anyMatch(epoch -> epoch.covers(stamp)))) {
            logger.info("{} has a stamp of which this server knows nothing: {}", jid, stamp);
            return 0;
        }
        return stamp;
    }

    private static Walk.Open walks(Turn turn, ClientSession session) {
        return Objects.requireNonNullElse(turn.get(session, WALKS), Walk.Open.NONE);
    }

    private void answer(Turn turn, Question question, Page page) {
        SyncQuery query = question.query();
        Walk walk = question.walk();
        boolean begins = !query.hasCursor();
        long count =
                walk != null ? walk.count() : Objects.requireNonNull(page.page().count());
        long stamp = walk != null ? walk.frozen() : begins ? page.accountStamp() : question.since();
        Long index = walk != null ? walk.index(query.after()) : begins && !query.isBackward() ? (Long) 0L : null;
        ClientSession session = turn.origin();
        if (session != null && query.max() > 0 && (begins || walk != null)) {
            long next = page.size() == 0 ? 0 : page.last();
            long served = index == null ? Walk.UNKNOWN : index + page.size();
            Walk further = new Walk(query.since(), question.since(), stamp, count, next, served);
            turn.set(session, WALKS, walks(turn, session).with(further));
        }
        turn.answer(question.iq().result(page.result(stamp, query, count, index)));
    }

    private int maxBytes(BareJid account) {
        return PageBound.of(config.host(account.domain()).limits(), config.limits())
                .bytes();
    }

    @Override
    public List<Row<ConversationKey, ConversationHead>> newest(
            Reader rows, OwnerKey account, long since, long below, int max) {
        return ConversationPage.read(
                        reader, rows, account, since, new SyncQuery(since, true, max, below, 0, false), false)
                .rows();
    }

    @Override
    public ConversationWriter writer(Reader rows, OwnerKey account, BareJid jid, Instant now, int maxBytes) {
        return elements.writer(rows, account, jid, now, maxBytes);
    }

    // ---- changes of state
    // --------------------------------------------------------------------------------------------

    private Iq set(Iq iq, Turn turn) {
        XabberStreams.noted(turn);
        StateChange change = StateChange.parse(iq.request());
        ConversationKey key = change.key();
        ConversationHead head = key == null ? null : log.head(turn, key);
        if (key == null || head == null) {
            throw StanzaError.itemNotFound().toException();
        }
        if (change.status() == Status.DELETED) {
            if (!log.delete(turn, key)) {
                throw StanzaError.itemNotFound().toException();
            }
            return iq.result();
        }
        if (!head.isLive()) {
            throw StanzaError.itemNotFound().toException();
        }
        boolean news = log.change(turn, key, Cause.STATE, state -> change.applyTo(state, turn.now()));
        if (!news) {
            // The client waits to be told, although there is nothing new.
            push(turn, key);
        }
        return iq.result();
    }

    /** Whoever asks to subscribe is shown as a conversation, with or without messages. */
    private final class Requests implements RosterView.RequestListener {
        @Override
        public void asked(BareJid contact, long stamp, Turn turn) {
            Presence request = roster.request(contact, turn.jid(), turn.owner().key(), turn.reader());
            boolean isGroup = request != null && ConversationElements.isOfGroup(request);
            log.changeOrBegin(
                    turn,
                    new ConversationKey(contact, isGroup ? ConversationType.GROUP : ConversationType.CHAT),
                    Cause.SUBSCRIPTION,
                    () -> stamp,
                    head -> head.woken(turn.now()).withOrderStamp(stamp));
        }

        @Override
        public void answered(BareJid contact, Turn turn) {
            for (ConversationType type : List.of(ConversationType.CHAT, ConversationType.GROUP)) {
                ConversationKey key = new ConversationKey(contact, type);
                if (log.head(turn, key) != null) {
                    log.touch(turn, key, Cause.SUBSCRIPTION, turn.stamp());
                    push(turn, key);
                }
            }
        }
    }

    // ---- pushes
    // ------------------------------------------------------------------------------------------------------

    /** Messages, markers, calls and requests reach devices as such; what has no stanza of its own is pushed. */
    private void changed(Turn turn, ConversationKey key, Cause cause) {
        if (PUSHED.contains(cause)) {
            push(turn, key);
        }
    }

    private void push(Turn turn, ConversationKey key) {
        turn.atEnd(PUSHES, LinkedHashSet::new, keys -> push(turn, keys)).add(key);
    }

    /** In the order of stamps and behind the rest of the turn: a client takes a push's stamp for all that it has been told. */
    private void push(Turn turn, Set<ConversationKey> keys) {
        List<ClientSession> sessions = presence.available(turn).stream()
                .filter(session -> XabberStreams.isOne(turn, session))
                .toList();
        if (sessions.isEmpty()) {
            return;
        }
        List<Row<ConversationKey, ConversationHead>> rows = new ArrayList<>();
        for (ConversationKey key : keys) {
            ConversationHead head = log.head(turn, key);
            if (head != null && head.orderStamp() != 0) {
                rows.add(new Row<>(turn.owner().key(), key, head));
            }
        }
        rows.sort(Comparator.comparingLong(row -> row.value().changeStamp()));
        ConversationWriter writer =
                elements.writer(turn.reader(), turn.owner().key(), turn.jid(), turn.now(), maxBytes(turn.jid()));
        for (Row<ConversationKey, ConversationHead> row : rows) {
            Payload payload = Payload.of(Element.of(QUERY)
                    .attr("stamp", ConversationElements.number(row.value().changeStamp()))
                    .child(writer.write(row.key(), row.value(), true)));
            for (ClientSession session : sessions) {
                Header header = new Header(session.jid(), turn.jid(), turn.randomId(), null);
                turn.send(session, Iq.of(header, Iq.Type.SET, payload));
            }
        }
    }
}
