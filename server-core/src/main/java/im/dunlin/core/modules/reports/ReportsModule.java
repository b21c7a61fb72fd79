// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.reports;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.Setting;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.ResultTable;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.admin.AdminCommand;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * XEP-0377: Blocking Command Reports. A report is kept with its reporter's account, in the batch that blocks whom it is about, and
 * goes nowhere: the operator reads it here. What cannot be read as a report is none; the address is blocked all the same.
 *
 * <pre>
 * reports   reporter · stamp → who, about whom, why
 * </pre>
 */
public final class ReportsModule {
    /** Its name in the configuration. */
    public static final String KEY = "reports";

    private static final String NS = "urn:xmpp:reporting:1";
    private static final Name REPORT = Name.of(NS, "report");
    private static final Name TEXT = Name.of(NS, "text");
    private static final String REASONS = "urn:xmpp:reporting:";

    /** The kind of timer that deletes one. */
    private static final String EXPIRY = "reports.expiry";

    /** Of one account; another one takes the place of its oldest. */
    static final int MAX_KEPT = 100;

    static final int MAX_TEXT = 1_000;
    private static final int MAX_REASON = 100;
    private static final int MAX_MESSAGES = 20;
    private static final int MAX_ID = 200;

    /** In one list. */
    private static final int MAX_LISTED = 200;

    private static final Logger log = LoggerFactory.getLogger(ReportsModule.class);

    /** How long they are kept. */
    public record Options(
            @Setting(says = "How long a report is kept for the operator.", byDefault = "90d", min = 60)
            Duration keep) {}

    private final Setup setup;
    private final Table<Long, Report> reports;

    public ReportsModule(Setup setup) {
        this.setup = setup;
        reports = setup.table(new TableSpec<>("reports", Shape.POINT, Keys.NUMBER, Report.CODEC));
        setup.implementing(377, "0.4.1")
                .feature(NS, SERVER)
                .provide(ReportsModule.class, this)
                .timer(
                        EXPIRY,
                        (data, turn) ->
                                turn.delete(reports, ByteBuffer.wrap(data).getLong()))
                .command(
                        new AdminCommand(
                                setup.config(),
                                "https://dunlin.im/protocol/admin#reports",
                                "Reports of users",
                                this::list),
                        SERVER);
        setup.require(BlockingView.class).follow(this::reported);
    }

    private void reported(Jid blocked, Element item, Turn turn) {
        Element said = item.first(REPORT);
        String reason = said == null ? null : said.attr("reason");
        if (said == null || reason == null || reason.isEmpty() || reason.length() > MAX_REASON) {
            return;
        }
        List<Row<Long, Report>> kept = turn.scan(reports, Range.all(), Direction.FORWARD, MAX_KEPT);
        if (kept.size() == MAX_KEPT) {
            turn.delete(reports, kept.get(0).key());
        }
        long stamp = turn.stamp();
        Report report = new Report(
                turn.jid(), blocked, Micros.of(turn.now()), reason, shortened(said.text(TEXT)), messages(said));
        turn.put(reports, stamp, report);
        Duration keep = setup.config()
                .host(turn.jid().domain())
                .options(KEY, Options.class)
                .keep();
        turn.schedule(
                EXPIRY,
                turn.now().plus(keep),
                ByteBuffer.allocate(Long.BYTES).putLong(stamp).array());
        turn.afterwards(() -> log.info("{} reports {}: {}", report.by(), report.about(), brief(reason)));
    }

    private static String shortened(@Nullable String text) {
        String stripped = text == null ? "" : text.strip();
        return stripped.length() > MAX_TEXT ? stripped.substring(0, MAX_TEXT) : stripped;
    }

    private static List<String> messages(Element report) {
        return report.children(StanzaId.NAME).stream()
                .limit(MAX_MESSAGES)
                .map(id -> id.attr("id"))
                .filter(id -> id != null && !id.isEmpty() && id.length() <= MAX_ID)
                .toList();
    }

    /** Those of the document without their common beginning. */
    private static String brief(String reason) {
        return reason.startsWith(REASONS) ? reason.substring(REASONS.length()) : reason;
    }

    // ---- for the operator
    // ----------------------------------------------------------------------------------------------

    /**
     * Reports of a host's users, the newest first. Reads the whole table: any thread that may wait.
     *
     * @param host null for all
     */
    public List<Report> of(@Nullable String host, Reader reader) {
        List<Report> found = new ArrayList<>();
        try (Scan<Long, Report> rows = reader.scanTable(reports)) {
            rows.forEachRemaining(row -> {
                if (host == null || row.value().by().domain().equals(host)) {
                    found.add(row.value());
                }
            });
        }
        found.sort(Comparator.comparingLong(Report::time).reversed());
        return found;
    }

    private @Nullable CommandStep list(CommandCall call, Turn turn) {
        turn.read(reader -> of(call.host(), reader), (later, found) -> {
            List<List<String>> rows = found.stream()
                    .limit(MAX_LISTED)
                    .map(report -> List.of(
                            Delay.format(Micros.toInstant(report.time())),
                            report.by().toString(),
                            report.about().toString(),
                            brief(report.reason()),
                            report.text(),
                            String.join(" ", report.messages())))
                    .toList();
            call.answer(
                    CommandStep.done(new ResultTable(
                                    null,
                                    "Reports of users",
                                    List.of(
                                            Field.text("time", "Time"),
                                            Field.text("reporter", "Reported by"),
                                            Field.text("reported", "About"),
                                            Field.text("reason", "Reason"),
                                            Field.text("text", "Text"),
                                            Field.text("messages", "Archive ids of messages")),
                                    rows)
                            .result()),
                    later);
        });
        return null;
    }
}
