// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.dispatch.ModuleRegistry.BindPart;
import im.dunlin.core.dispatch.ModuleRegistry.Entry;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an authentication asks for beside itself (XEP-0388 §2.1): to resume a session (XEP-0198 §9.2), else to bind one with all
 * that belongs to it (XEP-0386). One turn decides all of it, a proof that the account has to judge included, so that nothing comes
 * between its parts, and one sync serves all of it.
 */
public final class Logins {
    private static final Name RESUME = Name.of(Ns.STREAM_MANAGEMENT, "resume");
    private static final Name BIND = Name.of(Ns.BIND2, "bind");
    private static final Name TAG = Name.of(Ns.BIND2, "tag");
    private static final Name BOUND = Name.of(Ns.BIND2, "bound");

    /** Octets of the digest that tells the resources of devices apart; nobody can find a device's id by it. */
    private static final int SUFFIX_OCTETS = 9;

    private final Lanes lanes;
    private final ModuleRegistry modules;
    private final Sessions sessions;
    private final Accounts accounts;
    private final byte[] secret;

    public Logins(Lanes lanes, ModuleRegistry modules, Sessions sessions) {
        this.lanes = lanes;
        this.modules = modules;
        this.sessions = sessions;
        this.accounts = modules.provided(Accounts.class);
        this.secret = modules.store().cluster().secret("resources");
    }

    /** What came of a login. */
    public sealed interface Outcome {
        /**
         * Everything is done as far as it can be.
         *
         * @param who has logged in
         * @param proof by which
         * @param session null if the client asked for none
         * @param resumed whether that is one which it had before
         * @param answers for {@code <success/>}, in order
         */
        record Done(
                Authenticated who,
                SaslStep.Success proof,
                @Nullable ClientSession session,
                boolean resumed,
                List<Element> answers)
                implements Outcome {}

        /** The proof is none; nothing has happened. */
        record Unproven(SaslStep.Failure failure) implements Outcome {}

        /** The account cannot be used, or has no room for another session; nothing has happened. */
        record Refused(StanzaError error) implements Outcome {}

        /** What the client claims of the session that it wants to resume cannot be: the stream ends. */
        record Impossible(StreamError error) implements Outcome {}
    }

    /**
     * Does what the client asks for. What is sent to its session waits in the connection until that is released.
     *
     * @param device null if the client did not say
     * @param wish the client's {@code <authenticate/>}
     * @param judge whether the client is the account; first of all, and perhaps again before anything of the login is written
     * @param then called on an unspecified thread
     */
    public void login(
            BareJid account,
            @Nullable String device,
            Wire wire,
            Element wish,
            Function<Turn, SaslStep.Verdict> judge,
            Consumer<Outcome> then) {
        wire.hold();
        new Login(account, device, wire, wish, judge, then).begin();
    }

    private record Proven(Authenticated who, SaslStep.Success proof) {}

    /** One client's login. What changes belongs to the account's lane. */
    private final class Login {
        private final BareJid account;
        private final @Nullable String device;
        private final Wire wire;
        private final Element wish;
        private final Function<Turn, SaslStep.Verdict> judge;
        private final Consumer<Outcome> then;

        /** Steps that threw. */
        private final Set<BindPart> leftOut = new HashSet<>();

        /** What parts of the login say. */
        private final List<Element> added = new ArrayList<>(1);

        private @Nullable Proven proven;
        private boolean settled;
        private @Nullable Element notResumed;
        private @Nullable ClientSession session;
        private final List<Part> parts = new ArrayList<>();
        private int reading;

        Login(
                BareJid account,
                @Nullable String device,
                Wire wire,
                Element wish,
                Function<Turn, SaslStep.Verdict> judge,
                Consumer<Outcome> then) {
            this.account = account;
            this.device = device;
            this.wire = wire;
            this.wish = wish;
            this.judge = judge;
            this.then = then;
        }

        void begin() {
            int tried = leftOut.size();
            StanzaError[] refused = {StanzaError.internalServerError()};
            lanes.submit(
                    account,
                    turn -> {
                        try {
                            run(turn);
                        } catch (StanzaException e) {
                            refused[0] = e.error();
                            throw e;
                        }
                    },
                    () -> {
                        if (leftOut.size() > tried) {
                            begin();
                        } else {
                            then.accept(new Outcome.Refused(refused[0]));
                        }
                    });
        }

        private void run(Turn turn) {
            session = null;
            parts.clear();
            reading = 0;
            if (!settled) {
                SaslStep.Verdict verdict = judge.apply(turn);
                if (verdict instanceof SaslStep.Failure failure) {
                    turn.afterwards(() -> then.accept(new Outcome.Unproven(failure)));
                    return;
                }
                SaslStep.Success proof = (SaslStep.Success) verdict;
                proven = new Proven(new Authenticated(account, proof.generation(), device), proof);
            }
            if (!accounts.isCurrent(proven().who(), turn)) {
                throw StanzaError.notAuthorized().toException();
            }
            if (!settled) {
                settle(turn);
            }
            Element resume = wish.first(RESUME);
            if (resume != null && notResumed == null) {
                Resumption known = sessions.resume(resume, wire, turn, this::resumed);
                if (known == null) {
                    return;
                }
                if (known instanceof Resumption.Failed failed) {
                    notResumed = failed.failed();
                } else {
                    turn.afterwards(() -> resumed(known));
                    return;
                }
            }
            Element bind = wish.first(BIND);
            if (bind != null) {
                bind(bind, turn);
            }
            finishWhenRead(turn);
        }

        private Proven proven() {
            return Objects.requireNonNull(proven);
        }

        private void settle(Turn turn) {
            added.clear();
            TurnBody settle = proven().proof().settle();
            if (settle != null) {
                settle.run(turn);
            }
            for (LoginPart part : modules.loginParts(turn.jid().domain())) {
                Element answer = part.apply(proven().who(), wish, turn);
                if (answer != null) {
                    added.add(answer);
                }
            }
        }

        private void resumed(Resumption resumption) {
            if (resumption instanceof Resumption.Resumed resumed) {
                List<Element> answers = new ArrayList<>(2);
                answers.add(resumed.resumed());
                answers.addAll(added);
                then.accept(new Outcome.Done(proven().who(), proven().proof(), resumed.session(), true, answers));
            } else if (resumption instanceof Resumption.Impossible impossible) {
                then.accept(new Outcome.Impossible(impossible.error()));
            } else if (resumption instanceof Resumption.Failed failed) {
                lanes.submit(account, turn -> {
                    notResumed = failed.failed();
                    settled = true;
                });
                begin();
            }
        }

        // ---- bind
        // ---------------------------------------------------------------------------------------------------

        private void bind(Element bind, Turn turn) {
            ClientSession bound = sessions.bind(proven().who(), resource(bind.text(TAG), turn), wire, turn);
            session = bound;
            for (Entry<BindPart> entry : modules.bindParts()) {
                BindPart part = entry.value();
                Element request = part.requestIn(bind);
                if ((request != null || part.isAskedAlways())
                        && modules.isOn(entry.module(), turn.jid().domain())
                        && !leftOut.contains(part)) {
                    Part binding = new Part(bound, request);
                    try {
                        part.step().apply(binding, turn);
                    } catch (RuntimeException e) {
                        leftOut.add(part);
                        throw e;
                    }
                    parts.add(binding);
                }
            }
        }

        /** XEP-0386 §4.2.1: the client's tag, and behind it what is the same each time this device asks. */
        private String resource(@Nullable String tag, Turn turn) {
            String suffix = device == null ? Sessions.randomResource(turn) : suffix(device);
            if (tag == null || tag.isEmpty()) {
                return suffix;
            }
            String tagged = tag + "/" + suffix;
            try {
                account.withResource(tagged);
                return tagged;
            } catch (JidException e) {
                return suffix;
            }
        }

        private String suffix(String device) {
            byte[] digest = ScramHash.SHA_256.hmac(secret, account + "\0" + device);
            return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, SUFFIX_OCTETS));
        }

        // ---- the end
        // ------------------------------------------------------------------------------------------------

        private void finishWhenRead(Turn turn) {
            if (reading == 0) {
                Outcome done = new Outcome.Done(proven().who(), proven().proof(), session, false, answers());
                turn.afterwards(() -> then.accept(done));
            }
        }

        private List<Element> answers() {
            List<Element> answers = new ArrayList<>(2);
            if (notResumed != null) {
                answers.add(notResumed);
            }
            if (session != null) {
                ElementBuilder bound = Element.builder(BOUND);
                parts.forEach(part -> bound.children(part.answers));
                answers.add(bound.build());
            }
            answers.addAll(added);
            return answers;
        }

        /** What one step says. */
        private final class Part implements Binding {
            private final ClientSession bound;
            private final @Nullable Element request;
            private final List<Element> answers = new ArrayList<>(1);

            Part(ClientSession bound, @Nullable Element request) {
                this.bound = bound;
                this.request = request;
            }

            @Override
            public ClientSession session() {
                return bound;
            }

            @Override
            public @Nullable Element request() {
                return request;
            }

            @Override
            public void answer(Element element) {
                answers.add(element);
            }

            @Override
            public <R> void read(Turn turn, Function<Reader, R> query, BiConsumer<Turn, R> then) {
                reading++;
                turn.read(reader -> result(query, reader), (later, result) -> {
                    try {
                        then.accept(later, result.get());
                    } catch (RuntimeException e) {
                        answers.clear();
                        lanes.submit(account, this::finish);
                        throw e;
                    }
                    finish(later);
                });
            }

            /** A failure is the result's, so that the turn that waits for it comes in any case. */
            private static <R> Supplier<R> result(Function<Reader, R> query, Reader reader) {
                try {
                    R result = query.apply(reader);
                    return () -> result;
                } catch (RuntimeException e) {
                    return () -> {
                        throw e;
                    };
                }
            }

            private void finish(Turn turn) {
                reading--;
                finishWhenRead(turn);
            }
        }
    }
}
