// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.ScramKey;
import im.dunlin.core.component.Components;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.modules.fast.TokensView;
import im.dunlin.core.modules.invitations.Invitations;
import im.dunlin.core.modules.invitations.Invitations.Made;
import im.dunlin.core.modules.invitations.Invitations.Wish;
import im.dunlin.core.modules.invitations.Link;
import im.dunlin.core.modules.invitations.Purpose;
import im.dunlin.core.modules.reports.Report;
import im.dunlin.core.modules.reports.ReportsModule;
import im.dunlin.core.portable.PortableAccounts;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.CanonicalFormException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.control.RefusedPieceException;
import im.dunlin.dist.data.Backup;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.push.outbox.PushRecords;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.StoreException;
import im.dunlin.storage.StoreStatistics;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogCheck;
import im.dunlin.sync.log.LogCheck.Damage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an administrator asks, done on the store of this process. */
final class LiveAdministration implements Administration {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CHECK_PATIENCE = Duration.ofMinutes(10);

    private final ServerConfig config;
    private final DataDirectory data;
    private final Core core;
    private final SecureRandom random;
    private final Runnable end;
    private final Instant started = Instant.now();

    /** @param end what closing this closes with it */
    LiveAdministration(ServerConfig config, DataDirectory data, Core core, SecureRandom random, Runnable end) {
        this.end = end;
        this.config = config;
        this.data = data;
        this.core = core;
        this.random = random;
    }

    static CredentialPolicy policy(ServerConfig config) {
        return new CredentialPolicy(
                EnumSet.allOf(ScramHash.class), config.authentication().scramIterations());
    }

    @Override
    public void addUser(String jid, String password) throws RefusedException {
        BareJid account = account(jid);
        refuse(account, await(core.accounts().create(account, credentials(password))));
    }

    @Override
    public void setPassword(String jid, String password) throws RefusedException {
        BareJid account = account(jid);
        refuse(account, await(core.accounts().setPassword(account, credentials(password))));
    }

    @Override
    public void logOut(String jid) throws RefusedException {
        BareJid account = account(jid);
        TokensView tokens = core.modules().provided(TokensView.class);
        boolean known = await(core.lanes().call(account, turn -> {
            if (core.accounts().find(turn) == null) {
                return false;
            }
            tokens.revokeAll(turn);
            for (ClientSession session : List.copyOf(turn.sessions())) {
                core.sessions().end(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), turn);
            }
            return true;
        }));
        if (!known) {
            throw unknown(account);
        }
    }

    @Override
    public void removeUser(String jid) throws RefusedException {
        BareJid account = account(jid);
        refuse(account, await(core.accounts().remove(account)));
    }

    @Override
    public List<String> listUsers(@Nullable String host, @Nullable String after) throws RefusedException {
        BareJid previous = after == null ? null : account(after);
        return core.accounts().list(host, previous, PAGE).stream()
                .map(BareJid::toString)
                .toList();
    }

    @Override
    public Map<String, String> showUser(String jid) throws RefusedException {
        BareJid account = account(jid);
        CompletableFuture<Map<String, String>> shown = new CompletableFuture<>();
        core.lanes().submit(account, turn -> {
            Map<String, String> facts = new LinkedHashMap<>();
            Credentials credentials = core.accounts().find(turn);
            if (credentials != null) {
                facts.put("account", account.toString());
                facts.put("state", credentials.state().name().toLowerCase(java.util.Locale.ROOT));
                facts.put(
                        "keys of the password",
                        credentials.keys().stream()
                                .map(key -> key.hash().mechanism())
                                .collect(Collectors.joining(", ")));
                List<String> sessions = new ArrayList<>();
                turn.sessions()
                        .forEach(session -> sessions.add(
                                session.jid().resource() + (session.outbound().isAttached() ? "" : " (detached)")));
                facts.put("sessions", sessions.isEmpty() ? "none" : String.join(", ", sessions));
                int devices = core.modules().provided(TokensView.class).count(turn);
                facts.put("devices that log in by token", Integer.toString(devices));
            }
            shown.complete(facts);
        });
        Map<String, String> facts = await(shown);
        if (facts.isEmpty()) {
            throw unknown(account);
        }
        return facts;
    }

    @Override
    public Map<String, String> invite(String by, @Nullable String name) throws RefusedException {
        BareJid inviter = jid(by);
        String host = inviter.domain();
        if (!config.hosts().containsKey(host)) {
            throw new RefusedException(host + " is not served here");
        }
        boolean byHost = inviter.local() == null;
        if (name != null && !byHost) {
            throw new RefusedException("only the invitation of a host is for a name");
        }
        BareJid account = name == null ? null : account(name + "@" + host);
        Wish wish = new Wish(host, account, byHost ? Purpose.ACCOUNT : Purpose.CONTACT_OR_ACCOUNT);
        Invitations invitations = core.modules().provided(Invitations.class);
        CompletableFuture<Invited> made = new CompletableFuture<>();
        core.lanes()
                .submit(
                        inviter,
                        turn -> {
                            if (!turn.exists()) {
                                made.complete(new Invited(null, "there is no such account"));
                                return;
                            }
                            invitations.make(
                                    wish,
                                    turn,
                                    (later, link) -> later.afterwards(() -> made.complete(new Invited(link, ""))),
                                    (later, error) ->
                                            later.afterwards(() -> made.complete(new Invited(null, error.toString()))));
                        },
                        () -> made.complete(new Invited(null, "the server failed (see its log)")));
        Invited invited = await(made);
        if (invited.link() == null) {
            throw new RefusedException(inviter + ": " + invited.refusal());
        }
        return facts(invited.link());
    }

    @Override
    public List<String> invitations(String host) throws RefusedException {
        CompletableFuture<List<Made>> listed = new CompletableFuture<>();
        core.modules().provided(Invitations.class).list(host(host), listed::complete);
        return await(listed).stream().map(Made::toString).sorted().toList();
    }

    @Override
    public void takeInvitationBack(String host, String id) throws RefusedException {
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        core.modules().provided(Invitations.class).takeBack(host(host), id, null, gone::complete);
        if (!await(gone)) {
            throw new RefusedException(id + ": there is no such invitation that somebody could use");
        }
    }

    private String host(String text) throws RefusedException {
        String host = jid(text).toString();
        if (!config.hosts().containsKey(host)) {
            throw new RefusedException(text + " is not served here");
        }
        return host;
    }

    /** @param refusal why there is no link */
    private record Invited(@Nullable Link link, String refusal) {}

    private static Map<String, String> facts(Link link) {
        Map<String, String> facts = new LinkedHashMap<>();
        if (link.page() != null) {
            facts.put("page", link.page());
        }
        facts.put("link", link.uri());
        facts.put("good until", link.expires().toString());
        return facts;
    }

    @Override
    public List<String> reports(@Nullable String host) {
        return core.modules().provided(ReportsModule.class).of(host, core.store()).stream()
                .limit(PAGE)
                .map(LiveAdministration::line)
                .toList();
    }

    private static String line(Report report) {
        String messages = report.messages().isEmpty() ? "" : " (messages " + String.join(" ", report.messages()) + ")";
        // Others have chosen it: nothing in it may look like a line of ours.
        String text = report.text().replaceAll("\\p{Cntrl}+", " ");
        return Micros.toInstant(report.time()).truncatedTo(ChronoUnit.SECONDS) + " " + report.by() + " reports "
                + report.about() + ": " + report.reason() + messages + (text.isEmpty() ? "" : ": " + text);
    }

    @Override
    public Map<String, String> status() {
        Map<String, String> facts = new LinkedHashMap<>();
        StoreStatistics store = core.store().statistics();
        GroupSync.Metrics sync = core.sync().metrics();
        facts.put("uptime", Duration.between(started, Instant.now()).toSeconds() + " s");
        facts.put("sessions", Integer.toString(core.sessions().count()));
        core.modules()
                .provided(Components.class)
                .all()
                .forEach(component ->
                        facts.put("component " + component.domain(), component.isConnected() ? "connected" : "away"));
        facts.put("turns waiting", Integer.toString(core.lanes().queued()));
        facts.put("messages", core.router().messages() + " since the start");
        facts.putAll(core.modules().provided(PushRecords.class).status());
        facts.put("turns released", Long.toString(sync.released()));
        facts.put("store", store.diskBytes() / 1024 + " KiB");
        facts.put(
                "sync",
                sync.syncs() + " syncs, p50 " + sync.syncP50Nanos() / 1000 + " µs, p99 " + sync.syncP99Nanos() / 1000
                        + " µs, max " + sync.syncMaxNanos() / 1000 + " µs");
        return facts;
    }

    @Override
    public List<String> pushDevices(String jid) throws RefusedException {
        BareJid account = account(jid);
        PushRecords records = core.modules().provided(PushRecords.class);
        Optional<List<String>> devices = await(core.lanes()
                .call(account, turn -> turn.exists() ? Optional.of(records.devices(turn)) : Optional.empty()));
        return devices.orElseThrow(() -> unknown(account));
    }

    @Override
    public List<String> explainPush(String event) {
        return core.modules().provided(PushRecords.class).explain(event);
    }

    @Override
    public void backup(Path directory) throws RefusedException {
        try {
            Backup.write(data, core.store(), directory);
        } catch (IOException | StoreException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public List<String> checkUser(String jid) throws RefusedException {
        BareJid account = account(jid);
        LogCheck check = core.modules().provided(ConversationLog.class).check();
        CompletableFuture<Optional<List<Damage>>> checked = new CompletableFuture<>();
        core.lanes().submit(account, turn -> {
            if (!turn.exists()) {
                checked.complete(Optional.empty());
                return;
            }
            OwnerKey owner = turn.owner().key();
            turn.read(
                    reader -> check.check(reader, owner, account),
                    (then, damage) -> checked.complete(Optional.of(damage)));
        });
        // An archive of a million messages takes its time.
        List<Damage> damage = await(checked, CHECK_PATIENCE).orElseThrow(() -> unknown(account));
        return damage.stream().map(LiveAdministration::line).toList();
    }

    @Override
    public void exportUser(String jid, Path file) throws RefusedException {
        BareJid account = account(jid);
        PortableAccounts.Found found = await(core.portable().find(account));
        if (found == null) {
            throw unknown(account);
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND))) {
            core.portable().export(found, out);
        } catch (IOException e) {
            throw new RefusedException(file + ": cannot be written (" + e.getMessage() + ")");
        }
    }

    @Override
    public @Nullable String beginImport(String jid) throws RefusedException {
        BareJid account = account(jid);
        PortableAccounts.Begun begun = await(core.portable().begin(account));
        if (begun.outcome() == Accounts.Outcome.TAKEN) {
            return null;
        }
        refuse(account, begun.outcome());
        return Long.toString(begun.ticket());
    }

    @Override
    public List<String> importPieces(String jid, String ticket, List<String> pieces) throws RefusedException {
        List<Element> elements = new ArrayList<>(pieces.size());
        for (String piece : pieces) {
            try {
                elements.add(Element.parse(piece.getBytes(StandardCharsets.UTF_8)));
            } catch (CanonicalFormException e) {
                throw new RefusedPieceException(elements.size(), String.valueOf(e.getMessage()));
            }
        }
        PortableAccounts.Taken taken = await(core.portable().take(account(jid), ticket(ticket), elements));
        if (taken.why() != null) {
            throw new RefusedPieceException(taken.refused(), taken.why());
        }
        return taken.unknown().stream().map(Name::toString).toList();
    }

    @Override
    public void endImport(String jid, String ticket, List<String> scram, @Nullable String password)
            throws RefusedException {
        Credentials credentials = password != null ? credentials(password) : credentials(scram);
        if (!await(core.portable().admit(account(jid), ticket(ticket), credentials), CHECK_PATIENCE)) {
            throw new RefusedException(jid + ": another import of this account has begun");
        }
    }

    private Credentials credentials(List<String> scram) throws RefusedException {
        List<ScramKey> keys = new ArrayList<>();
        try {
            for (String each : scram) {
                ScramKey key = ScramCredentials.parse(Element.parse(each.getBytes(StandardCharsets.UTF_8)));
                if (key != null) {
                    keys.add(key);
                }
            }
            return new Credentials(AccountState.ACTIVE, random.nextLong(), keys);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("scram-credentials with " + e.getMessage());
        }
    }

    @Override
    public void dropImport(String jid, String ticket) throws RefusedException {
        await(core.portable().drop(account(jid), ticket(ticket)));
    }

    private static long ticket(String text) throws RefusedException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(text + ": there is no such import");
        }
    }

    private static String line(Damage damage) {
        ConversationKey conversation = damage.conversation();
        String where = conversation == null
                ? "somewhere"
                : conversation.peer() + " " + conversation.type().wire();
        String ids = damage.to() == Long.MAX_VALUE
                ? "all ids"
                : "ids " + ArchiveId.format(damage.from()) + " to " + ArchiveId.format(damage.to());
        return where + ": " + ids + ": " + damage.what();
    }

    @Override
    public void close() {
        end.run();
    }

    private static void refuse(BareJid account, Accounts.Outcome outcome) throws RefusedException {
        switch (outcome) {
            case DONE -> {}
            case TAKEN -> throw new RefusedException(account + ": there is such an account already");
            case RESERVED ->
                throw new RefusedException(
                        account + ": an account of that name was removed lately, and the name is kept for now");
            case UNKNOWN -> throw unknown(account);
            case NO_ACCOUNT_NAME ->
                throw new RefusedException(account + ": accounts are NAME@HOST, with a host that is served here");
        }
    }

    private static RefusedException unknown(BareJid account) {
        return new RefusedException(account + ": there is no such account");
    }

    private static BareJid account(String text) throws RefusedException {
        BareJid account = jid(text);
        if (account.local() == null) {
            throw new RefusedException(text + ": accounts are NAME@HOST");
        }
        return account;
    }

    private static BareJid jid(String text) throws RefusedException {
        try {
            if (Jid.parse(text) instanceof BareJid bare) {
                return bare;
            }
        } catch (JidException e) {
            throw new RefusedException(text + ": " + e.getMessage());
        }
        throw new RefusedException(text + ": accounts are NAME@HOST");
    }

    private Credentials credentials(String password) throws RefusedException {
        String prepared = Credentials.preparedPassword(password);
        if (prepared == null) {
            throw new RefusedException("the password is empty, too long, or has characters that cannot be typed");
        }
        return Credentials.ofPassword(prepared, policy(config), random);
    }

    private static <T> T await(CompletableFuture<T> future) throws RefusedException {
        return await(future, PATIENCE);
    }

    private static <T> T await(CompletableFuture<T> future, Duration patience) throws RefusedException {
        try {
            return future.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        } catch (ExecutionException e) {
            throw new RefusedException("the server could not do it: " + e.getCause());
        } catch (TimeoutException e) {
            throw new RefusedException("the server did not do it within " + patience.toSeconds() + " seconds");
        }
    }
}
