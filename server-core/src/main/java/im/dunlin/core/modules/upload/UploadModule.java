// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.Setting;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0363: HTTP File Upload, by the service {@code upload.HOST}.
 *
 * <p>The service is the owner of all slots and files of its host. A slot is a row before its URL is known to anybody, is good
 * for one file of just its size, and counts towards its account's quota until it has expired or the file has. The server
 * chooses where a file lies; the client's name for it is only shown.
 */
public final class UploadModule implements Service {
    /** Its name in the configuration. */
    public static final String KEY = "upload";

    private static final String NS = "urn:xmpp:http:upload:0";
    private static final String PURPOSE = "urn:xmpp:http:upload:purpose:0";
    private static final Name REQUEST = Name.of(NS, "request");
    private static final Name SLOT = Name.of(NS, "slot");
    private static final Name PUT = Name.of(NS, "put");
    private static final Name GET = Name.of(NS, "get");
    private static final Name TOO_LARGE = Name.of(NS, "file-too-large");
    private static final Name MAX_SIZE = Name.of(NS, "max-file-size");
    private static final Name RETRY = Name.of(NS, "retry");
    private static final Name PROFILE = Name.of(PURPOSE, "profile");
    private static final Name EPHEMERAL = Name.of(PURPOSE, "ephemeral");
    private static final Name PERMANENT = Name.of(PURPOSE, "permanent");
    private static final Name FORM = Name.of(Ns.DATA_FORMS, "x");
    private static final Name FIELD = Name.of(Ns.DATA_FORMS, "field");
    private static final Name VALUE = Name.of(Ns.DATA_FORMS, "value");

    /** From an account that is removed, to the service. */
    private static final Name GONE = Name.of("urn:dunlin:upload", "account-removed");

    private static final String PATH = "/upload/";
    private static final String EXPIRY = "upload.expiry";
    private static final String FORGET = "upload.forget";
    private static final Duration SLOT_TIME = Duration.ofMinutes(5);

    /** When it is looked again whether a file has come, or is gone. */
    private static final Duration AGAIN = Duration.ofMinutes(10);

    private static final int NAME_BYTES = 255;
    private static final int FORGET_AT_ONCE = 200;
    private static final long DAY = Duration.ofDays(1).toSeconds();

    /** Limits of uploads. */
    public record Options(
            @Setting(says = "Bytes of one file.", byDefault = "50MiB", min = 1, max = 1L << 40, bytes = true)
            long fileBytes,

            @Setting(
                    says = "Bytes of all files of an account that are kept.",
                    byDefault = "2GiB",
                    min = 1,
                    max = 1L << 50,
                    bytes = true)
            long accountBytes,

            @Setting(
                    says = "Bytes that an account may upload a day.",
                    byDefault = "200MiB",
                    min = 1,
                    max = 1L << 50,
                    bytes = true)
            long dayBytes,

            @Setting(says = "Files of an account that are kept.", byDefault = "5000", min = 1, max = 10_000_000)
            long files,

            @Setting(says = "How long a file is kept.", byDefault = "30d", min = 60, max = 36_500L * 86_400)
            Duration keep,

            @Setting(
                    says = "How long one is kept that belongs to a profile, such as an avatar.",
                    byDefault = "3650d",
                    min = 60,
                    max = 36_500L * 86_400)
            Duration keepProfile,

            @Setting(says = "Content types that may be uploaded, such as image/* or application/pdf. Without: all.")
            List<String> types) {
        public Options {
            types = List.copyOf(types);
        }
    }

    private record ByAccount(String account, String id) {}

    private static final KeyCodec<String> IDS = new KeyCodec<>() {
        @Override
        public void write(String key, KeyWriter out) {
            out.text(key);
        }

        @Override
        public String read(KeyReader in) {
            return in.text();
        }
    };

    private static final KeyCodec<ByAccount> BY_ACCOUNT = new KeyCodec<>() {
        @Override
        public void write(ByAccount key, KeyWriter out) {
            out.text(key.account()).text(key.id());
        }

        @Override
        public ByAccount read(KeyReader in) {
            return new ByAccount(in.text(), in.text());
        }
    };

    private final Setup setup;
    private final SharedFiles files;
    private final PublicAddresses addresses;
    private final Table<String, Upload> uploads;
    private final Table<ByAccount, byte[]> byAccount;
    private final Table<String, Usage> usages;

    /** What is on its way in this run of the server. A file outside of these without a row that says so was left by an earlier one. */
    private final Set<String> receiving = ConcurrentHashMap.newKeySet();

    public UploadModule(Setup setup) {
        this.setup = setup;
        this.files = setup.require(SharedFiles.class);
        this.addresses = setup.require(PublicAddresses.class);
        this.uploads = setup.table(new TableSpec<>("uploads", Shape.POINT, IDS, Upload.CODEC));
        this.byAccount = setup.table(new TableSpec<>("uploads-by-account", Shape.LOG, BY_ACCOUNT, Values.BYTES));
        this.usages = setup.table(new TableSpec<>("upload-usage", Shape.POINT, IDS, Usage.CODEC));
        setup.timer(EXPIRY, (data, turn) -> expire(text(data), turn))
                .timer(FORGET, (data, turn) -> forget(text(data), turn));
        if (setup.config().listeners().stream().map(ListenerConfig::kind).noneMatch(ListenerConfig.Kind::isHttp)) {
            // Nobody could bring a file.
            return;
        }
        setup.implementing(363, "1.2.0")
                .service(this)
                .http(new HttpRoute(PATH, Set.of("GET", "PUT"), HttpRoute.Origins.ALLOWED, this::handle))
                .accountRemoved(this::accountRemoved);
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    private Options options(String host) {
        return setup.config().host(host).options(KEY, Options.class);
    }

    private String host(Turn turn) {
        return turn.jid().domain().substring(subdomain().length() + 1);
    }

    // ---- the service
    // -------------------------------------------------------------------------------------------------

    @Override
    public String subdomain() {
        return "upload";
    }

    @Override
    public Identity identity() {
        return new Identity("store", "file", "HTTP File Upload");
    }

    @Override
    public Set<String> features() {
        return Set.of(NS, PURPOSE + "#message", PURPOSE + "#profile", PURPOSE + "#ephemeral");
    }

    @Override
    public List<Element> forms(String host) {
        return List.of(Element.builder(FORM)
                .attr("type", "result")
                .child(Element.builder(FIELD)
                        .attr("var", "FORM_TYPE")
                        .attr("type", "hidden")
                        .child(VALUE, NS)
                        .build())
                .child(Element.builder(FIELD)
                        .attr("var", "max-file-size")
                        .child(VALUE, String.valueOf(options(host).fileBytes()))
                        .build())
                .build());
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza instanceof Message message
                && message.from() instanceof BareJid account
                && account.domain().equals(host(turn))
                && message.payload().first(GONE) != null) {
            // No client's message comes from a bare JID: this is the account's own turn.
            forget(String.valueOf(account.local()), turn);
            return;
        }
        if (stanza.isAnswer() || !(stanza instanceof Iq) && !(stanza instanceof Message)) {
            return;
        }
        if (!(stanza instanceof Iq iq)
                || iq.type() != Iq.Type.GET
                || !iq.requestName().equals(REQUEST)) {
            throw StanzaError.serviceUnavailable().toException();
        }
        turn.answer(slot(iq, turn));
    }

    private Iq slot(Iq iq, Turn turn) {
        String host = host(turn);
        String base = addresses.of(host);
        if (base == null || !setup.config().host(host).hasModule(KEY)) {
            throw StanzaError.serviceUnavailable().toException();
        }
        Jid from = iq.from();
        if (from == null || !from.domain().equals(host) || from.local() == null) {
            throw StanzaError.forbidden().toException();
        }
        Element request = iq.request();
        String name = name(request);
        long size = size(request);
        String declared = request.attr("content-type");
        String type = declared == null ? ContentTypes.UNKNOWN : ContentTypes.of(declared);
        Options options = options(host);
        if (size > options.fileBytes()) {
            throw StanzaError.notAcceptable(Element.builder(TOO_LARGE)
                            .child(MAX_SIZE, String.valueOf(options.fileBytes()))
                            .build())
                    .withText("a file has at most " + options.fileBytes() + " bytes")
                    .toException();
        }
        if (!ContentTypes.isAllowed(type, options.types())) {
            throw StanzaError.notAcceptable()
                    .withText("files of this type are not taken here")
                    .toException();
        }
        String account = from.local();
        long now = turn.now().getEpochSecond();
        Usage usage = usage(account, turn).with(size, now / DAY);
        checkRoom(usage, options, now);
        String id = turn.randomId();
        turn.put(usages, account, usage);
        turn.put(byAccount, new ByAccount(account, id), new byte[0]);
        long slotUntil = now + SLOT_TIME.toSeconds();
        turn.put(
                uploads,
                id,
                new Upload(account, name, type, size, slotUntil, until(request, options, now), Upload.State.SLOT));
        expireAt(Instant.ofEpochSecond(slotUntil), id, turn);
        String url = base + PATH + id + "/" + escaped(name);
        return iq.result(Element.builder(SLOT)
                .child(Element.of(PUT).attr("url", url))
                .child(Element.of(GET).attr("url", url))
                .build());
    }

    private Usage usage(String account, Turn turn) {
        Usage usage = turn.get(usages, account);
        return usage == null ? Usage.NOTHING : usage;
    }

    private void checkRoom(Usage usage, Options options, long now) {
        if (files.isFull()) {
            throw StanzaError.resourceConstraint("there is no room for files just now")
                    .toException();
        }
        if (usage.dayBytes() > options.dayBytes()) {
            Instant tomorrow = Instant.ofEpochSecond((now / DAY + 1) * DAY);
            throw StanzaError.resourceConstraint("at most " + options.dayBytes() + " bytes may be uploaded a day")
                    .withApplication(Element.of(RETRY).attr("stamp", Delay.format(tomorrow)))
                    .toException();
        }
        if (usage.bytes() > options.accountBytes() || usage.files() > options.files()) {
            throw StanzaError.resourceConstraint("an account keeps at most " + options.files() + " files and "
                            + options.accountBytes() + " bytes")
                    .toException();
        }
    }

    private static String name(Element request) {
        String name = request.attr("filename");
        boolean odd = name == null
                || name.isBlank()
                || name.equals(".")
                || name.equals("..")
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES
                || name.chars().anyMatch(c -> c < ' ' || c == '/' || c == '\\' || c == 0x7f);
        if (odd) {
            throw StanzaError.badRequest("a filename is a name of at most " + NAME_BYTES + " bytes, without a path")
                    .toException();
        }
        return Objects.requireNonNull(name);
    }

    private static long size(Element request) {
        try {
            long size = Long.parseLong(String.valueOf(request.attr("size")));
            if (size > 0) {
                return size;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw StanzaError.badRequest("the size is a number of bytes").toException();
    }

    /** Until when the file is kept, by what it is for. */
    private static long until(Element request, Options options, long now) {
        if (request.has(PERMANENT)) {
            throw StanzaError.featureNotImplemented()
                    .withText("no file is kept for ever here")
                    .toException();
        }
        Element ephemeral = request.first(EPHEMERAL);
        if (ephemeral != null) {
            Instant before = Delay.parseTime(String.valueOf(ephemeral.attr("expire-before")));
            if (before == null || before.getEpochSecond() <= now) {
                throw StanzaError.badRequest("expire-before is a time to come").toException();
            }
            return Math.min(before.getEpochSecond(), now + options.keep().toSeconds());
        }
        return now + (request.has(PROFILE) ? options.keepProfile() : options.keep()).toSeconds();
    }

    private static String escaped(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
    }

    // ---- the end of slots, files and accounts
    // ------------------------------------------------------------------------

    private void expire(String id, Turn turn) {
        Upload upload = turn.get(uploads, id);
        if (upload == null) {
            return;
        }
        if (upload.isDeleted()) {
            erase(id, turn);
        } else if (upload.isReceived() && upload.fileUntil() > turn.now().getEpochSecond()) {
            expireAt(Instant.ofEpochSecond(upload.fileUntil()), id, turn);
        } else if (receiving.contains(id)) {
            expireAt(turn.now().plus(AGAIN), id, turn);
        } else {
            remove(id, upload, turn);
        }
    }

    private static void expireAt(Instant when, String id, Turn turn) {
        turn.schedule(EXPIRY, when, id.getBytes(StandardCharsets.US_ASCII));
    }

    private void remove(String id, Upload upload, Turn turn) {
        turn.put(uploads, id, upload.as(Upload.State.DELETED));
        turn.delete(byAccount, new ByAccount(upload.account(), id));
        turn.put(usages, upload.account(), usage(upload.account(), turn).without(upload.size()));
        erase(id, turn);
    }

    /** The row goes after the file, so that a crash between them leaves no file that nobody knows of. */
    private void erase(String id, Turn turn) {
        BareJid service = turn.jid();
        expireAt(turn.now().plus(AGAIN), id, turn);
        turn.afterwards(() -> files.delete(id, () -> setup.submit(service, afterIt -> afterIt.delete(uploads, id))));
    }

    private void accountRemoved(Turn turn) {
        BareJid account = turn.jid();
        turn.routeRecorded(Message.of(
                        Message.Type.NORMAL, BareJid.ofDomain(subdomain() + "." + account.domain()), Element.of(GONE))
                .withFrom(account));
    }

    private void forget(String account, Turn turn) {
        List<Row<ByAccount, byte[]>> rows =
                turn.scan(byAccount, Range.prefix(key -> key.text(account)), Direction.FORWARD, FORGET_AT_ONCE);
        for (Row<ByAccount, byte[]> row : rows) {
            Upload upload = turn.get(uploads, row.key().id());
            if (upload != null && !upload.isDeleted()) {
                remove(row.key().id(), upload, turn);
            }
        }
        if (rows.size() == FORGET_AT_ONCE) {
            turn.schedule(FORGET, turn.now(), account.getBytes(StandardCharsets.UTF_8));
        } else {
            turn.delete(usages, account);
        }
    }

    // ---- HTTP
    // --------------------------------------------------------------------------------------------------------

    private void handle(HttpExchange exchange) {
        HttpRequest request = exchange.request();
        String[] parts = request.path().substring(PATH.length()).split("/", -1);
        if (parts.length != 2) {
            exchange.respond(notFound());
            return;
        }
        BiConsumer<@Nullable Upload, Turn> then = request.method().equals("PUT")
                ? (upload, turn) -> put(exchange, parts[0], upload, turn)
                : (upload, turn) -> get(exchange, parts[0], upload, turn);
        setup.submit(service(request.domain()), turn -> {
            Upload upload = turn.get(uploads, parts[0]);
            boolean isThere =
                    upload != null && !upload.isDeleted() && upload.name().equals(parts[1]);
            then.accept(isThere ? upload : null, turn);
        });
    }

    private BareJid service(String host) {
        return BareJid.ofDomain(subdomain() + "." + host);
    }

    private static HttpResponse notFound() {
        return HttpResponse.text(HttpResponse.NOT_FOUND, "There is no such file.");
    }

    private void put(HttpExchange exchange, String id, @Nullable Upload upload, Turn turn) {
        HttpRequest request = exchange.request();
        HttpResponse refusal = null;
        if (upload == null || upload.slotUntil() < turn.now().getEpochSecond()) {
            refusal = HttpResponse.text(HttpResponse.FORBIDDEN, "There is no such slot, or no longer.");
        } else if (upload.isReceived()) {
            refusal = HttpResponse.text(HttpResponse.CONFLICT, "The file is there already.");
        } else if (request.length() < 0) {
            refusal = HttpResponse.text(HttpResponse.LENGTH_REQUIRED, "The length must be announced.");
        } else if (request.length() != upload.size()) {
            refusal = HttpResponse.text(HttpResponse.CONTENT_TOO_LARGE, "The slot is for " + upload.size() + " bytes.");
        } else if (!receiving.add(id)) {
            refusal = HttpResponse.text(HttpResponse.CONFLICT, "The file is on its way.");
        }
        if (refusal != null) {
            HttpResponse answer = refusal;
            turn.afterwards(() -> exchange.respond(answer));
            return;
        }
        long size = request.length();
        turn.afterwards(() -> exchange.receive(files.receive(id, size, outcome -> stored(exchange, id, outcome))));
    }

    private void stored(HttpExchange exchange, String id, SharedFiles.Outcome outcome) {
        if (outcome == SharedFiles.Outcome.STORED) {
            setup.submit(service(exchange.request().domain()), turn -> {
                turn.afterwards(() -> receiving.remove(id));
                Upload upload = turn.get(uploads, id);
                if (upload == null || upload.isDeleted()) {
                    // Its account went while the file came.
                    turn.afterwards(() -> {
                        files.delete(id, () -> {});
                        exchange.respond(HttpResponse.text(HttpResponse.FORBIDDEN, "The slot is there no longer."));
                    });
                    return;
                }
                turn.put(uploads, id, upload.as(Upload.State.RECEIVED));
                turn.afterwards(() -> exchange.respond(HttpResponse.empty(HttpResponse.CREATED)));
            });
            return;
        }
        receiving.remove(id);
        exchange.respond(
                outcome == SharedFiles.Outcome.NO_ROOM
                        ? HttpResponse.text(HttpResponse.INSUFFICIENT_STORAGE, "There is no room for it.")
                        : HttpResponse.text(HttpResponse.INTERNAL_SERVER_ERROR, "It could not be kept."));
    }

    private void get(HttpExchange exchange, String id, @Nullable Upload upload, Turn turn) {
        long left = upload == null ? 0 : upload.fileUntil() - turn.now().getEpochSecond();
        if (upload == null || !upload.isReceived() || left <= 0) {
            turn.afterwards(() -> exchange.respond(notFound()));
            return;
        }
        HttpRequest request = exchange.request();
        String tag = '"' + id + '"';
        ByteRange range = ByteRange.parse(request.header("range"), upload.size());
        String condition = request.header("if-range");
        if (range != null && condition != null && !condition.equals(tag)) {
            range = null;
        }
        if (tag.equals(request.header("if-none-match"))) {
            turn.afterwards(() -> exchange.respond(
                    HttpResponse.empty(HttpResponse.NOT_MODIFIED).with("ETag", tag)));
            return;
        }
        if (range != null && range.length() == 0) {
            turn.afterwards(() ->
                    exchange.respond(HttpResponse.text(HttpResponse.RANGE_NOT_SATISFIABLE, "The file has no such part.")
                            .with("Content-Range", "bytes */" + upload.size())));
            return;
        }
        ByteRange part = range != null ? range : new ByteRange(0, upload.size());
        boolean whole = range == null;
        turn.afterwards(() -> files.send(id, part.first(), part.length(), content -> {
            if (content == null) {
                exchange.respond(notFound());
                return;
            }
            HttpResponse answer = new HttpResponse(
                            whole ? HttpResponse.OK : HttpResponse.PARTIAL_CONTENT, java.util.Map.of(), content)
                    .with("ETag", tag)
                    .with("Accept-Ranges", "bytes")
                    .with("Cache-Control", "private, max-age=" + left + ", immutable");
            if (!whole) {
                answer = answer.with(
                        "Content-Range",
                        "bytes " + part.first() + "-" + (part.first() + part.length() - 1) + "/" + upload.size());
            }
            exchange.respond(harmless(answer, upload));
        }));
    }

    /** No script runs in this server's name, whatever the file is. */
    private static HttpResponse harmless(HttpResponse answer, Upload upload) {
        boolean media = ContentTypes.isMedia(upload.type());
        return answer.with("Content-Type", media ? upload.type() : ContentTypes.UNKNOWN)
                .with(
                        "Content-Disposition",
                        (media ? "inline" : "attachment") + "; filename*=UTF-8''" + escaped(upload.name()))
                .with("Content-Security-Policy", "sandbox; default-src 'none'")
                .with("Cross-Origin-Resource-Policy", "cross-origin");
    }
}
