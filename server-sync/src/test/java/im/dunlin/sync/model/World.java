// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Direction;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.storage.Store;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.calls.Call.Reason;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.calls.CallsModule;
import im.dunlin.sync.delivery.ReliableDeliveryModule;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.model.Reference.Call;
import im.dunlin.sync.model.Reference.Conversation;
import im.dunlin.sync.model.Reference.Entry;
import im.dunlin.sync.model.Reference.Sort;
import im.dunlin.sync.model.Reference.State;
import im.dunlin.sync.reconnect.Phone;
import im.dunlin.sync.reconnect.ReconnectModule;
import im.dunlin.sync.rewrite.RewriteModule;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server, three accounts with their devices, and the {@link Reference}: operations happen to both. */
final class World implements AutoCloseable {
    static final BareJid ALICE = BareJid.of("alice@localhost");
    static final BareJid BOB = BareJid.of("bob@localhost");
    private static final BareJid CAROL = BareJid.of("carol@localhost");
    private static final List<BareJid> ACCOUNTS = List.of(ALICE, BOB, CAROL);

    private static final Name MISSED = Name.of(Ns.CALLS, "missed");

    private static final Pattern MUTE = Pattern.compile(" mute='([0-9]+)'");

    /** So small that answers have pages. */
    private static final int PAGE = 3;

    private static final int ALL = 250;

    private static final int[] WAITS = {1, 20, 45, 61, 600, 7_200};
    private static final int[] MUTES = {30, 600, 0};

    /** What standard clients that know nothing of a retraction show instead. */
    private static final String FALLBACK = "retracted";

    private final Store store;
    private final TestServer.TestTime time = new TestServer.TestTime();
    private final Reference reference = new Reference();
    /**
     * Calls that one account has ended before the other hears of it: its device had gone, or its own offer won a tie, of which
     * its client has yet to tell, and in a crash never will.
     */
    private final Set<String> endedAlone = ConcurrentHashMap.newKeySet();

    private static final Supplier<List<Device>> DEVICES = () -> List.of(
            new XabberDevice(ALICE, "web", true),
            new XabberDevice(ALICE, "phone", false),
            new StandardDevice(ALICE, "desk"),
            new XabberDevice(BOB, "phone", true),
            new StandardDevice(BOB, "desk"),
            new XabberDevice(CAROL, "phone", false),
            new StandardDevice(CAROL, "desk"));
    private final List<Device> devices;
    private final Map<BareJid, Phone> phones = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();
    /** Up to which id an archive has nothing any more: clients see where it begins, and drop what is before. */
    private final Map<BareJid, Long> pruned = new HashMap<>();

    private final Map<BareJid, Map<Long, String>> names = new HashMap<>();
    private TestServer server;
    private int made;

    World(Store store) {
        this(store, ACCOUNTS);
    }

    /** @param accounts whose devices there are */
    World(Store store, List<BareJid> accounts) {
        this.store = store;
        devices = DEVICES.get().stream()
                .filter(device -> accounts.contains(device.account))
                .toList();
        server = start();
        ACCOUNTS.forEach(account -> server.account(account.toString()));
        for (Device device : devices) {
            device.connect(server);
            device.backUp();
        }
    }

    private TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("rewrite", RewriteModule::new);
        modules.put("reliable-delivery", ReliableDeliveryModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("calls", CallsModule::new);
        modules.put("reconnect", ReconnectModule::new);
        modules.put(
                "ended-alone",
                setup -> setup.require(CallLedger.class).observe((before, now, told, turn) -> {
                    if (now.reason() == Reason.LOST || now.reason() == Reason.TIE_BREAK) {
                        endedAlone.add(now.sid());
                    }
                }));
        return TestServer.with(store, time, modules);
    }

    @Override
    public void close() {
        server.close();
    }

    TestServer server() {
        return server;
    }

    private Instant now() {
        return time.instant();
    }

    /** Moves the clock. */
    void wait(Duration duration) {
        server.after(duration);
        reference.pass(now());
    }

    private String name(String kind) {
        // Long enough to tell messages apart in the view of a server that is sent one twice.
        return String.format("%s-%016d", kind, ++made);
    }

    // ---- operations
    // --------------------------------------------------------------------------------------------------

    void play(Operation operation) {
        Device device = devices.get(operation.device() % devices.size());
        wait(Duration.ofMillis(700));
        boolean isOnline = device.state() == Device.State.ONLINE;
        switch (operation.kind()) {
            case WAIT -> wait(Duration.ofSeconds(WAITS[operation.pick() % WAITS.length]));
            case KILL, RESTART -> endServer(operation.kind() == Operation.Kind.RESTART);
            case RESUME -> {
                if (device.state() == Device.State.CUT) {
                    device.resume(server);
                    check(device);
                }
            }
            case RECONNECT, RECONNECT_OLD, RECONNECT_RESENDING -> reconnect(device, operation);
            case CUT -> {
                if (isOnline) {
                    device.cut(operation.pick() % 6);
                }
            }
            case LEAVE -> {
                if (isOnline) {
                    device.leave();
                }
            }
            default -> {
                if (isOnline) {
                    device.look();
                    act(device, operation);
                    device.look();
                }
            }
        }
    }

    private void endServer(boolean cleanly) {
        if (cleanly) {
            server.stop();
        } else {
            server.kill();
        }
        devices.forEach(device -> device.isLeft(cleanly));
        server = start();
    }

    private void reconnect(Device device, Operation operation) {
        if (operation.kind() == Operation.Kind.RECONNECT_OLD) {
            device.restore(operation.pick());
        }
        String again = device.lastSent;
        comeBack(device.account);
        device.connect(server);
        wait(Duration.ofMillis(1));
        if (operation.kind() == Operation.Kind.RECONNECT_RESENDING
                && again != null
                && reference.account(device.account).find(Objects.requireNonNull(device.lastId)) != null) {
            device.sendsAgain(again);
            device.look();
        }
        check(device);
        device.backUp();
    }

    private void act(Device device, Operation operation) {
        Reference.Account account = reference.account(device.account);
        boolean isXabber = device instanceof XabberDevice;
        switch (operation.kind()) {
            case SEND -> send(device, operation);
            case EDIT -> of(account.texts(true), operation, entry -> edit(device, account, entry));
            case RETRACT -> of(account.texts(true), operation, entry -> retract(device, account, entry));
            case REACT -> of(account.texts(false), operation, entry -> react(device, account, entry, operation.how()));
            case READ -> of(marked(account), operation, entry -> mark(device, account, entry, true));
            case RECEIVE -> of(marked(account), operation, entry -> mark(device, account, entry, false));
            case PROPOSE -> propose(device, operation);
            case TIE -> tie(device, operation);
            case BLOCK -> block(device, operation);
            case PRUNE -> prune(device.account, 1 + operation.how() % 6);
            case RING, ACCEPT, REJECT, HANG_UP -> sayOfCall(device, operation);
            default -> {
                if (isXabber) {
                    actOfXabber(device, account, operation);
                }
            }
        }
    }

    private void actOfXabber(Device device, Reference.Account account, Operation operation) {
        List<ConversationKey> live = account.listed();
        switch (operation.kind()) {
            case RETRACT_HERE ->
                of(account.texts(true), operation, entry -> {
                    request(device, account, entry, false);
                    entry.retracted = true;
                });
            case FORGET ->
                of(account.texts(false), operation, entry -> {
                    request(device, account, entry, false);
                    account.forget(entry.id);
                });
            case RETRACT_ALL ->
                of(live, operation, key -> {
                    // Positions go on to name what will be gone.
                    entries(device.account);
                    result(device.ask(
                            "set",
                            "<retract-all xmlns='" + XabberDevice.REWRITE + "' conversation='" + key.peer() + "' type='"
                                    + key.type().wire() + "' symmetric='false'/>"));
                    account.forgetAll(key);
                    wait(Duration.ZERO);
                });
            case PIN ->
                of(live, operation, key -> {
                    long pin = operation.how() % 3;
                    set(device, key, "pinned='" + pin + "'");
                    account.conversations.get(key).pin = pin;
                });
            case MUTE ->
                of(live, operation, key -> {
                    boolean unmute = operation.how() % 4 == 3;
                    int seconds = unmute ? 0 : MUTES[operation.how() % 4];
                    set(device, key, "mute='" + (unmute ? "" : seconds) + "'");
                    if (unmute) {
                        account.conversations.get(key).mutedUntil = 0;
                    } else {
                        account.mute(account.conversations.get(key), seconds, now());
                    }
                });
            case ARCHIVE, ACTIVATE ->
                of(live, operation, key -> {
                    boolean archive = operation.kind() == Operation.Kind.ARCHIVE;
                    set(device, key, "status='" + (archive ? "archived" : "active") + "'");
                    account.conversations.get(key).archived = archive;
                });
            case DELETE ->
                of(live, operation, key -> {
                    set(device, key, "status='deleted'");
                    deleted.add(
                            device.account + " " + key.peer() + " " + key.type().wire());
                    account.delete(account.conversations.get(key));
                });
            default -> throw new AssertionError(operation);
        }
    }

    private static <T> void of(List<T> choice, Operation operation, Consumer<T> what) {
        if (!choice.isEmpty()) {
            // The newest are the likeliest.
            what.accept(choice.get(choice.size() - 1 - operation.pick() % 7 % choice.size()));
        }
    }

    private static void result(Element answer) {
        assertThat(answer.attr("type")).as(answer.toString()).isEqualTo("result");
    }

    private static void set(Device device, ConversationKey key, String change) {
        result(device.ask(
                "set",
                "<query xmlns='" + XabberDevice.SYNC + "'><conversation jid='" + key.peer() + "' type='"
                        + key.type().wire() + "' " + change + "/></query>"));
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    private static String content(ConversationType type, String text) {
        return type == ConversationType.OMEMO
                ? "<encrypted xmlns='" + type.wire() + "'>" + text + "</encrypted>"
                : "<body>" + text + "</body>";
    }

    private static String message(Device device, BareJid to, String id, String content) {
        String origin = device instanceof XabberDevice ? "<origin-id xmlns='urn:xmpp:sid:0' id='" + id + "'/>" : "";
        return "<message type='chat' id='" + id + "' to='" + to + "'>" + content + origin + "</message>";
    }

    private void send(Device device, Operation operation) {
        BareJid to = operation.pick() % 8 == 0 ? device.account : other(device.account, operation.pick());
        ConversationType type = operation.how() % 5 == 0 ? ConversationType.OMEMO : ConversationType.CHAT;
        String id = name("m");
        String text = "text of " + made;
        device.lastSent = message(device, to, id, content(type, text));
        device.lastId = id;
        device.sends(device.lastSent);
        reference.send(device.account, to, type, id, Sort.TEXT, text, now());
    }

    private static BareJid other(BareJid account, int pick) {
        return ACCOUNTS.stream().filter(each -> !each.equals(account)).toList().get(pick % 2);
    }

    private static ConversationKey key(Reference.Account account, Entry entry) {
        Conversation conversation = account.with(entry.id);
        return account.conversations.entrySet().stream()
                .filter(each -> each.getValue() == conversation)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** By request of Xabber's clients, on both sides or on none; by a message of the others. */
    private void edit(Device device, Reference.Account account, Entry entry) {
        ConversationKey key = key(account, entry);
        String id = name("c");
        String text = "edit " + made;
        if (device instanceof StandardDevice) {
            device.sends(message(
                    device,
                    key.peer(),
                    id,
                    content(key.type(), text) + "<replace xmlns='urn:xmpp:message-correct:0' id='" + entry.id + "'/>"));
            reference.correct(device.account, key.peer(), key.type(), id, entry.id, text, now());
            return;
        }
        Entry theirs = reference.account(key.peer()).kept(entry.id);
        String content = "<message xmlns='jabber:client'>" + content(key.type(), text) + "</message>";
        Element answer = requested(device, account, entry, "replace", "", content);
        assertThat(answer.attr("type")).as(answer.toString()).isEqualTo(theirs == null ? "error" : "result");
        if (theirs != null) {
            entry.text = text;
            theirs.text = text;
        }
    }

    private void retract(Device device, Reference.Account account, Entry entry) {
        ConversationKey key = key(account, entry);
        if (device instanceof StandardDevice) {
            String id = name("r");
            device.sends(message(
                    device,
                    key.peer(),
                    id,
                    "<body>" + FALLBACK + "</body><retract xmlns='urn:xmpp:message-retract:1' id='" + entry.id
                            + "'/>"));
            reference.takeBack(device.account, key.peer(), id, entry.id, FALLBACK, now());
            return;
        }
        request(device, account, entry, true);
        entry.retracted = true;
        Entry theirs = reference.account(key.peer()).kept(entry.id);
        if (theirs != null) {
            theirs.retracted = true;
        }
    }

    private void request(Device device, Reference.Account account, Entry entry, boolean symmetric) {
        result(requested(device, account, entry, "retract-message", "symmetric='" + symmetric + "'", ""));
    }

    private Element requested(
            Device device, Reference.Account account, Entry entry, String what, String attributes, String content) {
        ConversationKey key = key(account, entry);
        return device.ask(
                "set",
                "<" + what + " xmlns='" + XabberDevice.REWRITE + "' id='"
                        + ArchiveId.format(archiveId(device.account, entry.id))
                        + "' type='" + key.type().wire() + "' conversation='" + key.peer() + "' " + attributes + ">"
                        + content + "</" + what + ">");
    }

    private void react(Device device, Reference.Account account, Entry entry, int how) {
        BareJid peer = key(account, entry).peer();
        String id = name("n");
        device.sends(message(
                device,
                peer,
                id,
                "<reactions xmlns='urn:xmpp:reactions:0' id='" + entry.id + "'><reaction>" + how
                        + "</reaction></reactions>"));
        reference.send(device.account, peer, ConversationType.CHAT, id, Sort.NOTE, "", now());
    }

    /** Messages of the peer, but for corrections that stand for what they should have corrected. */
    private static List<Entry> marked(Reference.Account account) {
        return account.texts(false).stream()
                .filter(entry -> entry.id.startsWith("m"))
                .toList();
    }

    private void mark(Device device, Reference.Account account, Entry entry, boolean asRead) {
        BareJid peer = key(account, entry).peer();
        String id = name("n");
        String marker = asRead
                ? "<displayed xmlns='urn:xmpp:chat-markers:0' id='" + entry.id + "'/>"
                : "<received xmlns='urn:xmpp:receipts' id='" + entry.id + "'/>";
        device.sends(message(device, peer, id, marker));
        reference.send(device.account, peer, ConversationType.CHAT, id, Sort.NOTE, "", now());
        if (asRead) {
            account.read(entry.id);
            reference.account(peer).displayed(entry.id);
        } else {
            reference.account(peer).delivered(entry.id);
        }
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------

    private void propose(Device device, Operation operation) {
        BareJid callee = other(device.account, operation.pick());
        if (reference.isCalling(device.account, callee)) {
            return;
        }
        // No more than are followed in a minute.
        wait(Duration.ofSeconds(7));
        Call call = new Call(name("call"), device.account, callee, operation.how() % 2 == 0, now());
        String id = say(device, callee, call, "propose");
        reference.propose(call, id, now());
    }

    private @Nullable Device online(BareJid account) {
        return devices.stream()
                .filter(each -> each.account.equals(account) && each.state() == Device.State.ONLINE)
                .findFirst()
                .orElse(null);
    }

    /** The call with the lower id goes on (XEP-0353 §4.1), whichever was first. */
    private void tie(Device device, Operation operation) {
        BareJid peer = other(device.account, operation.pick());
        Device theirs = online(peer);
        if (theirs == null || reference.isCalling(device.account, peer)) {
            return;
        }
        wait(Duration.ofSeconds(14));
        String low = name("call");
        String high = name("call");
        boolean isFirstLower = operation.how() % 2 == 0;
        boolean stored = operation.how() % 4 < 2;
        Call first = new Call(isFirstLower ? low : high, device.account, peer, stored, now());
        Call second = new Call(isFirstLower ? high : low, peer, device.account, stored, now());
        reference.propose(first, say(device, peer, first, "propose"), now());
        String id = say(theirs, device.account, second, "propose");
        if (isFirstLower) {
            reference.proposeInVain(second, id, now());
        } else {
            reference.propose(second, id, now());
        }
        // Whoever holds the lower one turns the other down.
        Call lost = isFirstLower ? second : first;
        Device winner = isFirstLower ? device : theirs;
        reference.end(lost);
        String word = say(winner, lost.caller, lost, "reject", "<tie-break/>");
        reference.word(lost, winner.account, word, Sort.LAST_WORD, now());
        theirs.look();
    }

    private void block(Device device, Operation operation) {
        BareJid peer = other(device.account, operation.pick());
        Device theirs = online(peer);
        if (theirs == null || reference.isCalling(device.account, peer)) {
            return;
        }
        boolean calls = operation.how() % 2 == 0;
        Call call = new Call(name("call"), peer, device.account, operation.how() % 4 == 0, now());
        if (calls) {
            wait(Duration.ofSeconds(7));
            call = new Call(call.id, peer, device.account, call.stored, now());
            reference.propose(call, say(theirs, device.account, call, "propose"), now());
        }
        String item = " xmlns='urn:xmpp:blocking'><item jid='" + peer + "'/></";
        result(device.ask("set", "<block" + item + "block>"));
        if (calls) {
            reference.end(call);
            // Until the caller's side has given up too.
            wait(Duration.ofSeconds(61));
        }
        String id = name("m");
        theirs.sends(message(theirs, device.account, id, "<body>in vain</body>"));
        reference.sendInVain(peer, device.account, id, "in vain", now());
        String unsaid = name("m");
        device.sends(message(device, peer, unsaid, "<body>unsaid</body>"));
        reference.account(device.account).unsure.add(unsaid);
        theirs.look();
        device.look();
        result(device.ask("set", "<unblock" + item + "unblock>"));
    }

    /** So many of the oldest rows of an archive go, whatever they are. */
    private void prune(BareJid account, int rows) {
        Map<Long, LogEntry> before = entries(account);
        long[] upTo = {0};
        ConversationLog log = server.modules().provided(ConversationLog.class);
        LogReader reader = log.reader();
        try (LogReader.Entries all =
                reader.entries(server.store(), owner(account), 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (int i = 0; i < rows; i++) {
                Row<Long, LogEntry> row = all.next();
                upTo[0] = row == null ? upTo[0] : row.key();
            }
        }
        server.turn(account, turn -> log.prune(turn, entry -> true, rows));
        before.forEach((id, entry) -> {
            if (id <= upTo[0] && entry.rewrites() == 0) {
                reference.account(account).prune(nameOf(entry));
            } else if (entry.rewrites() != 0 && entry.rewrites() <= upTo[0]) {
                // Who comes now has nothing that it changes, and shows it as a message.
                reference.account(account).unsure.add(nameOf(entry));
            }
        });
        pruned.merge(account, upTo[0], Math::max);
    }

    private long pruned(BareJid account) {
        return pruned.getOrDefault(account, 0L);
    }

    private String say(Device device, BareJid to, Call call, String word) {
        return say(device, to, call, word, "");
    }

    private String say(Device device, BareJid to, Call call, String word, String content) {
        String id = name("n");
        device.sends(message(
                device,
                to,
                id,
                "<" + word + " xmlns='urn:xmpp:jingle-message:0' id='" + call.id + "'>" + content + "</" + word + "><"
                        + (call.stored ? "" : "no-") + "store xmlns='urn:xmpp:hints'/>"));
        return id;
    }

    private void sayOfCall(Device device, Operation operation) {
        boolean asCaller = operation.kind() == Operation.Kind.HANG_UP && operation.how() % 3 != 0;
        boolean hangsUp = operation.kind() == Operation.Kind.HANG_UP;
        Set<State> states = hangsUp
                ? asCaller ? EnumSet.of(State.OFFERED, State.ANSWERED) : EnumSet.of(State.ANSWERED)
                : EnumSet.of(State.OFFERED);
        of(reference.calls(device.account, asCaller, states), operation, call -> {
            BareJid peer = asCaller ? call.callee : call.caller;
            switch (operation.kind()) {
                case RING -> reference.word(call, device.account, say(device, peer, call, "ringing"), Sort.WORD, now());
                case ACCEPT -> {
                    call.state = State.ANSWERED;
                    String word = operation.how() % 2 == 0 ? "proceed" : "accept";
                    reference.word(call, device.account, say(device, peer, call, word), Sort.WORD, now());
                }
                case REJECT -> {
                    call.state = State.ENDED;
                    reference.word(call, device.account, say(device, peer, call, "reject"), Sort.LAST_WORD, now());
                }
                default -> {
                    if (call.state == State.OFFERED) {
                        reference.retract(call, say(device, peer, call, "retract"), now());
                    } else {
                        call.state = State.ENDED;
                        reference.word(call, device.account, say(device, peer, call, "finish"), Sort.LAST_WORD, now());
                    }
                }
            }
        });
    }

    // ---- what must be
    // ------------------------------------------------------------------------------------------------

    /** Everything agrees, and is what the reference says. */
    void check() {
        for (BareJid account : ACCOUNTS) {
            checkArchive(account);
            comeBack(account);
        }
        for (Device device : devices) {
            if (device.state() == Device.State.ONLINE) {
                check(device);
            }
        }
        for (Device device : devices) {
            device.connect(server);
            check(device);
        }
    }

    /**
     * Plays this unless the store fails meanwhile; then the machine goes down and up again, and who did it does not know what
     * became of it.
     *
     * @return whether the store failed
     */
    boolean survives(Operation operation, FaultyStore faulty) {
        Device device = devices.get(operation.device() % devices.size());
        device.backUp();
        try {
            play(operation);
        } catch (AssertionError | RuntimeException failure) {
            if (!server.hasFailed()) {
                throw failure;
            }
        }
        if (!server.hasFailed()) {
            return false;
        }
        device.restoreLast();
        server.kill();
        faulty.crash(FaultyStore.Crash.MACHINE);
        devices.forEach(each -> each.isLeft(false));
        server = start();
        // What was due meanwhile happens.
        wait(Duration.ofSeconds(1));
        return true;
    }

    /** Everything agrees, whatever of it has happened. */
    void checkAgreement() {
        ACCOUNTS.forEach(this::checkLog);
        assertThat(liveCalls(true)).as("calls of callers").isEqualTo(liveCalls(false));
        for (BareJid account : ACCOUNTS) {
            for (BareJid peer : ACCOUNTS) {
                if (!account.equals(peer)) {
                    assertThat(between(account, peer))
                            .as(account + " and " + peer)
                            .isEqualTo(between(peer, account));
                }
            }
        }
        for (Device device : devices) {
            device.connect(server);
            if (device instanceof XabberDevice xabber) {
                checkDelta(xabber, xabber.fresh(server));
            } else {
                checkTexts((StandardDevice) device);
            }
        }
    }

    private Set<String> liveCalls(boolean outgoing) {
        CallLedger ledger = server.modules().provided(CallLedger.class);
        Set<String> found = new TreeSet<>();
        for (BareJid account : ACCOUNTS) {
            server.turn(
                    account,
                    turn -> ledger.live(turn).stream()
                            .filter(call -> call.isOutgoing() == outgoing && !endedAlone.contains(call.sid()))
                            .map(call -> call.sid() + " " + call.state())
                            .filter(found::add)
                            .count());
        }
        return found;
    }

    private List<String> between(BareJid account, BareJid peer) {
        List<String> found = new ArrayList<>();
        entries(account).forEach((id, entry) -> {
            if (entry.peer(account).equals(peer)
                    && entry.rewrites() == 0
                    && !entry.message().payload().has(MISSED)) {
                found.add(describe(entry));
            }
        });
        found.sort(null);
        return found;
    }

    private void check(Device device) {
        checkLog(device.account);
        device.look();
        if (device instanceof XabberDevice xabber) {
            xabber.askForDelta();
            XabberDevice fresh = xabber.fresh(server);
            checkDelta(xabber, fresh);
            checkConversations(device.account, fresh);
        } else {
            checkTexts((StandardDevice) device);
        }
    }

    private void checkLog(BareJid account) {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        assertThat(log.check().check(server.store(), owner(account), account))
                .as("damage of " + account)
                .isEmpty();
    }

    private OwnerKey owner(BareJid account) {
        return Objects.requireNonNull(
                server.<OwnerKey>turn(account, turn -> turn.owner().key()));
    }

    private Map<Long, LogEntry> entries(BareJid account) {
        LogReader reader = server.modules().provided(ConversationLog.class).reader();
        Map<Long, LogEntry> found = new TreeMap<>();
        try (LogReader.Entries entries =
                reader.entries(server.store(), owner(account), 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                if (row.value().state() != LogEntry.State.GONE) {
                    found.put(row.key(), row.value());
                    names.computeIfAbsent(account, key -> new HashMap<>()).put(row.key(), nameOf(row.value()));
                }
            }
        }
        return found;
    }

    private static String nameOf(LogEntry entry) {
        Element missed = entry.message().payload().first(MISSED);
        return missed != null
                ? missed.requireAttr("sid")
                : String.valueOf(entry.message().id());
    }

    private long archiveId(BareJid account, String name) {
        return entries(account).entrySet().stream()
                .filter(each -> name.equals(each.getValue().message().id()))
                .mapToLong(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in the archive of " + account));
    }

    private static String describe(LogEntry entry) {
        String body = entry.message().payload().text(Message.BODY);
        String encrypted = entry.message().payload().text(StandardDevice.ENCRYPTED);
        String text = body != null ? body : encrypted != null ? encrypted : "";
        return nameOf(entry) + ":" + (entry.isKept() ? text : entry.state());
    }

    /** Every message once, in its conversation, in the order in which it came, as it is by now. */
    private void checkArchive(BareJid account) {
        checkLog(account);
        Map<ConversationKey, List<String>> found = new HashMap<>();
        entries(account).values().stream()
                .filter(entry -> entry.rewrites() == 0)
                .forEach(entry -> found.computeIfAbsent(entry.key(account), key -> new ArrayList<>())
                        .add(describe(entry)));
        Map<ConversationKey, List<String>> expected = new HashMap<>();
        reference.account(account).conversations.forEach((key, conversation) -> {
            if (!conversation.entries.isEmpty()) {
                expected.put(
                        key,
                        conversation.entries.values().stream()
                                .map(Entry::toString)
                                .toList());
            }
        });
        assertThat(found).as("archive of " + account).isEqualTo(expected);
    }

    /** What a device made of all it was told is what a device without a past is told. */
    private void checkDelta(XabberDevice device, XabberDevice fresh) {
        String who = device.account + "/" + device.resource;
        Map<ConversationKey, String> known = new LinkedHashMap<>();
        Map<ConversationKey, String> full = new LinkedHashMap<>();
        device.conversations().forEach((key, element) -> known.put(key, withoutPastMute(element)));
        fresh.conversations().forEach((key, element) -> full.put(key, withoutPastMute(element)));
        known.keySet().removeIf(device::isToldByStanzas);
        full.keySet().removeIf(device::isToldByStanzas);
        assertThat(known).as("conversations of " + who).isEqualTo(full);
        assertThat(kept(device)).as("messages of " + who).isEqualTo(kept(fresh));
    }

    private Map<Long, String> kept(XabberDevice device) {
        return new TreeMap<>(device.messages()).tailMap(pruned(device.account), false);
    }

    /** A device that asks in one question for all that it missed, as docs/protocol/reconnect.xml has it. */
    private void comeBack(BareJid account) {
        Phone phone = phones.computeIfAbsent(account, key -> new Phone());
        phone.entries
                .values()
                .forEach(known -> known.headMap(pruned(account), true).clear());
        comeBack(account, phone, PAGE);
        Phone fresh = new Phone();
        comeBack(account, fresh, ALL);
        assertThat(withoutPastMutes(phone.conversations))
                .as("conversations of " + account)
                .isEqualTo(withoutPastMutes(fresh.conversations));
        assertThat(phone.stamp).as("stamp of " + account).isEqualTo(fresh.stamp);
        for (String key : fresh.conversations.keySet()) {
            assertThat(phone.entries.getOrDefault(key, new TreeMap<>()))
                    .as("messages of " + account + " with " + key)
                    .isEqualTo(fresh.entries.getOrDefault(key, new TreeMap<>()));
        }
    }

    private void comeBack(BareJid account, Phone phone, int conversations) {
        TestClient client = server.connect(account + "/back");
        List<Element> pages = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            Element page = answer(
                    client,
                    "<reconnect xmlns='" + Phone.NS + "' stamp='" + phone.stamp + "' conversations='" + conversations
                            + "' bytes='200000' each='100' " + cursor + "/>");
            pages.add(page);
            cursor = page.attr("more") == null ? null : "after='" + page.attr("more") + "'";
        }
        Set<String> known = Set.copyOf(phone.conversations.keySet());
        phone.keep(pages);
        assertThat(phone.holes).as("conversations cut").isEmpty();
        phone.contents.forEach((key, contents) -> {
            boolean isWhole = Objects.equals(Phone.digest(contents), phone.digest(key, 0, Long.MAX_VALUE));
            // What came back after it was deleted may have entries of which no delta told, and so may what had nothing
            // to show.
            if (!isWhole && (deleted.contains(account + " " + key) || !known.contains(key))) {
                String[] name = key.split(" ", 2);
                phone.messages(answer(
                        client,
                        "<range xmlns='" + Phone.NS + "' jid='" + name[0] + "' type='" + name[1] + "' each='100'/>"));
            }
            Element current = contents;
            if (!isWhole && pruned(account) > 0) {
                // That the oldest have gone no delta tells, as long as nothing of it can be seen.
                String[] name = key.split(" ", 2);
                current = answer(
                        client, "<contents xmlns='" + Phone.NS + "' jid='" + name[0] + "' type='" + name[1] + "'/>");
            }
            assertThat(phone.digest(key, 0, Long.MAX_VALUE))
                    .as("digest of " + account + " with " + key)
                    .isEqualTo(Phone.digest(current));
        });
        client.leaves();
    }

    private static Element answer(TestClient client, String question) {
        client.ignores();
        client.sends("<iq type='get' id='q'>" + question + "</iq>");
        Element answer = client.next();
        result(answer);
        return Objects.requireNonNull(answer.firstChild());
    }

    private Map<String, String> withoutPastMutes(Map<String, String> conversations) {
        Map<String, String> without = new TreeMap<>();
        conversations.forEach((key, conversation) -> without.put(
                key,
                MUTE.matcher(conversation)
                        .replaceFirst(
                                mute -> Long.parseLong(mute.group(1)) > now().getEpochSecond() ? mute.group() : "")));
        return without;
    }

    /** That a mute is over nobody says. */
    private String withoutPastMute(Element conversation) {
        String mute = conversation.attr("mute");
        return mute == null || Long.parseLong(mute) > now().getEpochSecond()
                ? conversation.toString()
                : conversation.toString().replace(" mute='" + mute + "'", "");
    }

    private void checkTexts(StandardDevice device) {
        Map<String, String> known = new TreeMap<>(device.texts());
        Map<String, String> full = new TreeMap<>(device.fresh(server).texts());
        Set<String> unsure = reference.account(device.account).unsure;
        known.keySet().removeAll(unsure);
        full.keySet().removeAll(unsure);
        assertThat(known)
                .as("texts of " + device.account + "/" + device.resource)
                .isEqualTo(full);
    }

    /** The conversations that a client is told of are those of the reference, in its order. */
    private void checkConversations(BareJid account, XabberDevice told) {
        Reference.Account expected = reference.account(account);
        Map<Long, ConversationKey> ordered = new TreeMap<>();
        told.conversations().forEach((key, element) -> ordered.put(-Long.parseLong(element.requireAttr("stamp")), key));
        assertThat(List.copyOf(ordered.values())).as("order of " + account).isEqualTo(expected.listed());
        entries(account);
        told.conversations().forEach((key, element) -> {
            Conversation conversation = expected.conversations.get(key);
            assertThat(describe(account, element))
                    .as(account + " " + key)
                    .isEqualTo(describe(expected, key, conversation));
        });
    }

    private Map<String, @Nullable String> describe(
            Reference.Account account, ConversationKey key, Conversation expected) {
        Map<String, @Nullable String> parts = new TreeMap<>();
        parts.put("status", expected.archived ? "archived" : "active");
        parts.put("pinned", Long.toString(expected.pin));
        parts.put("mute", expected.isMuted(now()) ? Long.toString(expected.mutedUntil) : null);
        parts.put("unread", Long.toString(expected.unread()));
        parts.put("displayed", expected.displayed);
        parts.put("delivered", expected.delivered);
        Entry last = expected.last();
        parts.put("last", last == null ? null : last.toString());
        parts.put("call", key.type() == ConversationType.CHAT ? account.offerOf(key.peer()) : null);
        return parts;
    }

    private Map<String, @Nullable String> describe(BareJid account, Element element) {
        Map<String, @Nullable String> parts = new TreeMap<>();
        Element state = metadata(element, XabberDevice.SYNC);
        parts.put("status", element.attr("status"));
        parts.put("pinned", element.attr("pinned"));
        parts.put("mute", element.attr("mute"));
        parts.put("unread", state.requireChild(sync("unread")).attr("count"));
        parts.put("displayed", named(account, state.requireChild(sync("displayed"))));
        parts.put("delivered", named(account, state.requireChild(sync("delivered"))));
        Element last = state.first(sync("last-message"));
        parts.put("last", last == null ? null : describeLast(Objects.requireNonNull(last.firstChild())));
        Element call = element.children(sync("metadata")).stream()
                .filter(each -> "urn:xmpp:jingle-message:0".equals(each.attr("node"))
                        && !each.children().isEmpty())
                .findFirst()
                .orElse(null);
        parts.put("call", call == null ? null : offer(call));
        return parts;
    }

    private static String describeLast(Element message) {
        Element reject = message.first(Name.of("urn:xmpp:jingle-message:0", "reject"));
        String id = message.attr("id");
        String text = StandardDevice.text(message);
        return (id == null && reject != null ? reject.attr("id") : id) + ":" + (text == null ? "" : text);
    }

    private static String offer(Element metadata) {
        Element message = Objects.requireNonNull(
                Objects.requireNonNull(metadata.firstChild()).firstChild());
        return message.requireChild(Name.of("urn:xmpp:jingle-message:0", "propose"))
                .requireAttr("id");
    }

    private @Nullable String named(BareJid account, Element position) {
        String id = position.requireAttr("id");
        return id.equals("0")
                ? null
                : names.getOrDefault(account, Map.of()).getOrDefault(Device.number(id), "unknown " + id);
    }

    private static Name sync(String local) {
        return Name.of(XabberDevice.SYNC, local);
    }

    private static Element metadata(Element conversation, String node) {
        return conversation.children(sync("metadata")).stream()
                .filter(each -> node.equals(each.attr("node")))
                .findFirst()
                .orElseThrow(() -> new AssertionError(node + " in " + conversation));
    }
}
