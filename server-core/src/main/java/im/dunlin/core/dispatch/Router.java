// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.component.Component;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Outlet;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.NonzaHandler;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.SendGate;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.SessionEnd;
import im.dunlin.core.module.SessionStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a stanza: screens, then what its kind demands, on its sender's lane and again on its receiver's. Everything here
 * runs in a turn.
 */
public final class Router implements Outlet {
    private static final Logger log = LoggerFactory.getLogger(Router.class);

    private final ModuleRegistry modules;
    private final Lanes lanes;
    private final Domains domains;
    private final LongAdder messages = new LongAdder();
    private volatile @Nullable RemoteServers remotes;

    public Router(ModuleRegistry modules, Lanes lanes) {
        this.modules = modules;
        this.lanes = lanes;
        this.domains = modules.domains();
    }

    /** Makes the owners of hosts and services that do not exist yet. Before the listeners open. */
    public void createServices() {
        for (String domain : domains.owners()) {
            lanes.submit(BareJid.ofDomain(domain), turn -> {
                if (!turn.exists()) {
                    turn.createOwner(OwnerKind.SERVICE);
                }
            });
        }
    }

    // ---- from a session
    // ----------------------------------------------------------------------------------------------

    /**
     * Handles a stanza that a client has sent. Any thread.
     *
     * @param from the connection that it came on
     * @param stanza with the session's full JID as its {@code from}
     * @param bytes its size on the wire, returned as credit when it is finished with
     */
    public void fromClient(ClientSession session, Wire from, Stanza stanza, int bytes) {
        lanes.submit(session, from, stanza, bytes, turn -> outbound(stanza, session, turn));
    }

    /**
     * Counts a stanza that cannot be handled at all and answers it, in its place among the others. Any thread.
     *
     * @param answer null if it may not be answered
     */
    public void malformed(ClientSession session, Wire from, @Nullable Stanza answer, int bytes) {
        lanes.submit(session, from, answer, bytes, turn -> {
            if (answer != null) {
                turn.answer(answer);
            }
        });
    }

    /** Handles an element that is no stanza. Any thread. @return false if no module knows it */
    public boolean fromClient(ClientSession session, Wire from, Element nonza) {
        ModuleRegistry.Entry<NonzaHandler> handler = modules.nonzas.get(nonza.name());
        if (handler == null || !modules.isOn(handler.module(), session.jid().domain())) {
            return false;
        }
        lanes.submit(session, from, turn -> handler.value().handle(nonza, session, turn));
        return true;
    }

    private void outbound(Stanza stanza, ClientSession session, Turn turn) {
        if (!turn.exists() || !turn.sessions().contains(session)) {
            // The account is gone or the session was replaced while this waited.
            return;
        }
        if (stanza instanceof Iq iq && lanes.answers(turn, iq)) {
            return;
        }
        if (!passes(stanza, Way.OUTBOUND, turn)) {
            return;
        }
        if (stanza instanceof Iq iq) {
            outbound(iq, turn);
        } else if (stanza instanceof Message message) {
            outbound(message, turn);
        } else if (stanza instanceof Presence presence) {
            apply(presence, Way.OUTBOUND, turn);
        }
    }

    private void outbound(Iq iq, Turn turn) {
        Jid to = iq.to();
        if (to == null || to.equals(turn.jid())) {
            answerLocally(iq, Addressee.OWN_ACCOUNT, turn);
        } else if (to instanceof BareJid && to.local() == null && domains.isHost(to.domain())) {
            answerLocally(iq, Addressee.SERVER, turn);
        } else {
            turn.route(iq);
        }
    }

    private void answerLocally(Iq iq, Addressee to, Turn turn) {
        if (iq.isAnswer()) {
            return;
        }
        // An answer comes from whom was asked, also when the question left that out (RFC 6120 §8.1.2.1).
        Iq answer = handle(iq, to, turn);
        if (answer != null) {
            turn.answer(answer);
        }
    }

    private @Nullable Iq handle(Iq iq, Addressee to, Turn turn) {
        if (iq.payload().names().size() != 1) {
            throw StanzaError.badRequest().toException();
        }
        var handler = modules.iqs.get(
                new ModuleRegistry.IqKey(iq.type(), iq.payload().names().get(0), to));
        if (handler == null || !modules.isOn(handler.module(), turn.jid())) {
            throw StanzaError.serviceUnavailable().toException();
        }
        return handler.value().handle(iq, turn);
    }

    private void outbound(Message message, Turn turn) {
        // A message without an address is for the sender's own account (RFC 6120 §10.3.1).
        Message addressed = message.to() == null ? message.withTo(turn.jid()) : message;
        Passage passage = new Passage(Way.OUTBOUND, turn.jid(), addressed);
        for (Stage stage : List.of(Stage.ANNOTATE, Stage.RECORD, Stage.COPY)) {
            if (!run(stage, passage, turn)) {
                return;
            }
        }
        messages.increment();
        Message sent = travelling(passage.message());
        // A call is kept by both sides' ledgers, whether or not their archives may have it.
        boolean isForRoom = sent.type() == Message.Type.GROUPCHAT
                && (passage.traits().isStoredInRoom() || passage.traits().isSubjectChange());
        if (passage.traits().isStored(sent.type()) || passage.traits().isCall() || isForRoom) {
            turn.routeRecorded(sent);
        } else {
            turn.route(sent);
        }
    }

    /** Of what was added for the sender, only the id in its archive travels: changes of the message will name it. */
    private static Message travelling(Message message) {
        return message.withAdditions(message.additions().stream()
                .filter(addition -> addition.is(StanzaId.NAME))
                .toList());
    }

    /** Messages that clients have sent since the start and that nothing stopped on their senders' side. Any thread. */
    public long messages() {
        return messages.sum();
    }

    // ---- to an owner
    // -------------------------------------------------------------------------------------------------

    @Override
    public @Nullable BareJid localOwner(Jid to) {
        return domains.localOwner(to);
    }

    @Override
    public void receive(Turn turn, Stanza stanza) {
        Jid to = Objects.requireNonNull(stanza.to());
        Service service = domains.service(to.domain());
        if (service != null) {
            receive(turn, stanza, service);
        } else if (to.local() == null) {
            // To the domain itself: only iqs have a meaning there, and answers of clients to the server end here.
            if (stanza instanceof Iq iq && to instanceof BareJid) {
                answerLocally(iq, Addressee.SERVER, turn);
            } else if (!stanza.isAnswer() && !(stanza instanceof Presence)) {
                throw StanzaError.serviceUnavailable().toException();
            }
        } else if (!turn.exists()) {
            unknownAccount(stanza);
        } else if (passes(stanza, Way.INBOUND, turn)) {
            if (stanza instanceof Iq iq) {
                inbound(iq, turn);
            } else if (stanza instanceof Message message) {
                inbound(message, turn);
            } else if (stanza instanceof Presence presence) {
                apply(presence, Way.INBOUND, turn);
            }
        }
    }

    private void receive(Turn turn, Stanza stanza, Service service) {
        if (stanza instanceof Iq iq && !iq.isAnswer()) {
            List<im.dunlin.core.xml.Name> payload = iq.payload().names();
            var handler = payload.size() == 1
                            && iq.to() instanceof BareJid
                            && Objects.requireNonNull(iq.to()).local() == null
                    ? modules.iqs.get(new ModuleRegistry.IqKey(iq.type(), payload.get(0), Addressee.SERVICE))
                    : null;
            if (handler != null && modules.isOn(handler.module(), turn.jid())) {
                Iq answer = handler.value().handle(iq, turn);
                if (answer != null) {
                    turn.answer(answer);
                }
                return;
            }
        }
        service.receive(stanza, turn);
    }

    /** Nobody of that name: messages and questions are refused, presence is ignored (RFC 6121 §8.5.1). */
    private static void unknownAccount(Stanza stanza) {
        if (!(stanza instanceof Presence)) {
            throw StanzaError.serviceUnavailable().toException();
        }
    }

    private void inbound(Iq iq, Turn turn) {
        if (iq.to() instanceof FullJid full) {
            ClientSession session = turn.session(full.resource());
            if (session != null) {
                turn.send(session, iq);
            } else if (!iq.isAnswer()) {
                throw StanzaError.serviceUnavailable().toException();
            }
        } else {
            answerLocally(iq, Addressee.ACCOUNT, turn);
        }
    }

    private void inbound(Message message, Turn turn) {
        Passage passage = new Passage(Way.INBOUND, turn.jid(), message);
        for (Stage stage : Stage.values()) {
            if (!run(stage, passage, turn)) {
                return;
            }
        }
    }

    // ---- elsewhere
    // ----------------------------------------------------------------------------------------------------

    @Override
    public boolean isElsewhere(@Nullable Jid from, Jid to) {
        return from != null && domains.isFederated(from.domain()) && !domains.isOurs(to.domain());
    }

    @Override
    public void depart(Departure departure) {
        RemoteServers reached = remotes;
        if (reached != null) {
            reached.send(departure);
        } else if (!departure.isRecorded()) {
            undelivered(departure.stanza());
        }
    }

    /**
     * Other servers can be reached from now on. What has been waiting for them is sent; a stanza whose turn ends just now may
     * be sent twice. What is for no other server any more, since domains here have changed, comes back.
     */
    public void connectTo(RemoteServers servers) {
        remotes = servers;
        for (Departure waiting : lanes.waitingDepartures()) {
            Jid to = Objects.requireNonNull(waiting.stanza().to());
            if (localOwner(to) == null && isElsewhere(waiting.stanza().from(), to)) {
                servers.send(waiting);
            } else {
                returned(waiting, StanzaError.remoteServerNotFound());
            }
        }
    }

    /** Whose share of what waits for other servers this sender uses: an account its own, services and components one for all. */
    public BareJid accountable(Jid sender) {
        return domains.isHost(sender.domain()) ? sender.bare() : BareJid.ofDomain(sender.domain());
    }

    /** It has left for the other server: whatever kept it is not needed any more. Any thread. */
    public void departed(Departure departure) {
        lanes.left(departure);
    }

    /** It could not leave, for which this is the reason: whoever sent it is told before its row goes. Any thread. */
    public void returned(Departure departure, StanzaError reason) {
        Stanza stanza = departure.stanza();
        // Presence that was kept asks for something, so its sender waits for it.
        if (departure.isRecorded() ? !stanza.isAnswer() : isAnswerable(stanza)) {
            tellSender(stanza, reason, () -> lanes.left(departure));
        } else {
            lanes.left(departure);
        }
    }

    /** Whether stanzas of this domain go to other servers and come from them: of a host, its services, or a component. Any thread. */
    public boolean isFederated(String domain) {
        return domains.isFederated(domain);
    }

    /** Whether this domain is served here, so that no other server speaks for it. Any thread. */
    public boolean isOurs(String domain) {
        return domains.isOurs(domain);
    }

    @Override
    public void unreachable(Turn turn, Stanza stanza) {
        Component component = domains.component(Objects.requireNonNull(stanza.to()));
        if (component != null) {
            turn.afterwards(() -> deliver(component, stanza));
            return;
        }
        // Its sender's host knows no other servers (RFC 6120 §10.4).
        if (isAnswerable(stanza)) {
            Stanza error = stanza.error(StanzaError.remoteServerNotFound());
            if (error.to() != null && localOwner(error.to()) != null) {
                // As it would come from another server: modules learn that a message came back.
                turn.route(error);
            }
        }
    }

    /** The component that is configured for this address; null if none is. Any thread. */
    public @Nullable Component component(Jid address) {
        return domains.component(address);
    }

    /**
     * Hands over a stanza that a component has sent. Any thread.
     *
     * @param from where its bytes are returned as credit when it is finished with
     * @param stanza with an address of the component as its {@code from}, and with a {@code to}
     */
    public void fromComponent(Wire from, Stanza stanza, int bytes) {
        Jid to = Objects.requireNonNull(stanza.to());
        BareJid owner = localOwner(to);
        if (owner != null) {
            lanes.submit(owner, stanza, () -> from.credit(bytes));
            return;
        }
        Component component = domains.component(to);
        if (component != null) {
            deliver(component, stanza);
        } else if (isElsewhere(stanza.from(), to)) {
            depart(lanes.unrecorded(stanza));
        } else if (isAnswerable(stanza)) {
            from.write(stanza.error(StanzaError.remoteServerNotFound()));
        }
        from.credit(bytes);
    }

    /**
     * Hands over a stanza that another server has sent. Any thread.
     *
     * @param stanza with an address of that server as its {@code from}, and one of a domain here as its {@code to}
     * @param finished runs when it is finished with
     */
    public void fromServer(Stanza stanza, Runnable finished) {
        Jid to = Objects.requireNonNull(stanza.to());
        BareJid owner = localOwner(to);
        Component component = domains.component(to);
        if (owner != null) {
            lanes.submit(owner, stanza, finished);
            return;
        }
        if (component != null) {
            deliver(component, stanza);
        }
        finished.run();
    }

    /** Sends an answer of the server's own to another server. Any thread. */
    public void toServer(Stanza answer) {
        depart(lanes.unrecorded(answer));
    }

    private void deliver(Component component, Stanza stanza) {
        if (!component.deliver(stanza)) {
            undelivered(stanza);
        }
    }

    /** A component is not there, or no longer, to take this: whoever sent it is told (RFC 6120 §8.3.3.16). Any thread. */
    public void undelivered(Stanza stanza) {
        if (isAnswerable(stanza)) {
            tellSender(stanza, StanzaError.remoteServerTimeout(), () -> {});
        }
    }

    /** @param told runs when the error has gone to the sender, or there is nobody to tell */
    private void tellSender(Stanza stanza, StanzaError reason, Runnable told) {
        Jid sender = stanza.from();
        BareJid owner = sender == null ? null : localOwner(sender);
        if (owner != null) {
            Stanza error = stanza.error(reason);
            lanes.submit(owner, turn -> {
                if (error instanceof Presence && domains.isHost(owner.domain())) {
                    // What others send to the account as an error of presence goes no further; this is the server's
                    // own.
                    turn.sessions().forEach(session -> turn.send(session, error));
                } else {
                    turn.route(error);
                }
                turn.afterwards(told);
            });
            return;
        }
        Component component = sender == null ? null : domains.component(sender);
        if (component != null) {
            component.deliver(stanza.error(reason));
        } else if (sender != null && stanza.to() != null && isElsewhere(stanza.to(), sender)) {
            depart(lanes.unrecorded(stanza.error(reason)));
        }
        told.run();
    }

    private static boolean isAnswerable(Stanza stanza) {
        return !stanza.isAnswer() && !(stanza instanceof Presence);
    }

    // ---- steps
    // -------------------------------------------------------------------------------------------------------

    private boolean passes(Stanza stanza, Way way, Turn turn) {
        for (var screen : modules.screens) {
            if (modules.isOn(screen.module(), turn.jid())
                    && !goesOn(screen.value().screen(stanza, way, turn), stanza)) {
                return false;
            }
        }
        return true;
    }

    private boolean run(Stage stage, Passage passage, Turn turn) {
        for (var step : Objects.requireNonNull(modules.messages.get(stage))) {
            if (modules.isOn(step.module(), turn.jid())
                    && !goesOn(step.value().apply(passage, turn), passage.message())) {
                return false;
            }
        }
        return true;
    }

    private static boolean goesOn(Verdict verdict, Stanza stanza) {
        if (verdict instanceof Verdict.Bounce bounce) {
            if (!stanza.isAnswer()) {
                throw bounce.error().toException();
            }
            return false;
        }
        if (verdict instanceof Verdict.Drop drop) {
            log.debug("Dropped a {}: {}", stanza.kind(), drop.reason());
            return false;
        }
        return true;
    }

    private void apply(Presence presence, Way way, Turn turn) {
        Presence passed = presence;
        for (PresenceStage stage : PresenceStage.values()) {
            for (var step : Objects.requireNonNull(modules.presences.get(stage))) {
                if (modules.isOn(step.module(), turn.jid())) {
                    passed = step.value().apply(passed, way, turn);
                }
            }
        }
    }

    // ---- sessions
    // ----------------------------------------------------------------------------------------------------

    /** Runs what modules do when a session begins, in the turn that binds it. */
    public void bound(ClientSession session, Turn turn) {
        for (SessionStep step : modules.bound) {
            step.apply(session, turn);
        }
    }

    public void detached(ClientSession session, Turn turn) {
        for (SessionStep step : modules.detached) {
            step.apply(session, turn);
        }
    }

    public void resumed(ClientSession session, Turn turn) {
        for (SessionStep step : modules.resumed) {
            step.apply(session, turn);
        }
    }

    /** What modules want a resumed client to know first. */
    List<Stanza> news(ClientSession session, Turn turn) {
        List<Stanza> news = new ArrayList<>();
        modules.news.forEach(each -> news.addAll(each.of(session, turn)));
        return news;
    }

    @Override
    public void recording(Turn turn, ClientSession origin) {
        modules.recording.forEach(step -> step.apply(origin, turn));
    }

    @Override
    public void unbound(Turn turn, ClientSession session, List<Stanza> unacknowledged) {
        if (!turn.exists()) {
            return;
        }
        for (SessionEnd step : modules.ended) {
            step.apply(session, unacknowledged, turn);
        }
    }

    /** What the gates hold back for a session and now give up, in order. In a turn of the account. */
    List<Stanza> held(ClientSession session) {
        List<Stanza> held = new ArrayList<>();
        modules.gates.forEach(gate -> held.addAll(gate.release(session)));
        return held;
    }

    @Override
    public List<Stanza> gate(ClientSession session, Stanza stanza) {
        List<Stanza> out = List.of(stanza);
        for (SendGate gate : modules.gates) {
            if (out.size() == 1) {
                out = gate.pass(session, out.get(0));
            } else {
                List<Stanza> passed = new ArrayList<>();
                out.forEach(each -> passed.addAll(gate.pass(session, each)));
                out = passed;
            }
        }
        return out;
    }

    // ---- accounts
    // ----------------------------------------------------------------------------------------------------

    @Override
    public void accountCreated(Turn turn) {
        modules.accountCreated.forEach(step -> step.run(turn));
    }

    @Override
    public void accountRemoved(Turn turn) {
        modules.accountRemoved.forEach(step -> step.run(turn));
        modules.tables.forEach(turn::deleteAll);
    }

    // ---- continuations
    // -----------------------------------------------------------------------------------------------

    @Override
    public void due(Turn turn, String kind, byte[] data) {
        Setup.Resumed handler = modules.timers.get(kind);
        if (handler == null) {
            log.warn("A timer of kind {} has no module any more", kind);
        } else {
            handler.resume(data, turn);
        }
    }

    @Override
    public void answered(Turn turn, String kind, byte[] data, @Nullable Iq answer) {
        Setup.DurablyAnswered handler = modules.continuations.get(kind);
        if (handler == null) {
            log.warn("A question of kind {} has no module any more", kind);
        } else {
            handler.resume(data, answer, turn);
        }
    }
}
