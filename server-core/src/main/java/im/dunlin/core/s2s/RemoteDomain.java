// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.FederationConfig;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for a domain of another server, and the stream to it. On its event loop, but for {@link #send} and
 * {@link #givesWay}.
 *
 * <p>What has no row is bounced as soon as the server cannot be reached, or takes nothing. Messages are tried again, at longer
 * and longer intervals, until they are too old. Something that was written to a connection that then broke is written again if
 * the system did not take it.
 */
final class RemoteDomain implements OutgoingStream.Purpose {
    private static final Logger log = LoggerFactory.getLogger(RemoteDomain.class);

    private static final int BATCH_STANZAS = 50;
    private static final int BATCH_BYTES = 64 * 1024;

    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** A stream that lasted as long and carried something was a good one. */
    private static final Duration LASTED = Duration.ofMinutes(1);

    /** Whose stream has been silent as long gives way to another domain, if there is no room. */
    private static final Duration SILENT = Duration.ofMinutes(1);

    /** How we prove who we are. */
    private enum Proof {
        DIALBACK,
        EXTERNAL,
        GIVEN
    }

    private final RemoteDomains domains;
    private final ServerStreams servers;
    private final DomainPair pair;
    private final EventLoop loop;
    /** Gives back what the first sender's share was charged with; null when that is done. */
    private @Nullable Runnable charge;

    private final AtomicBoolean silent = new AtomicBoolean();
    private final Deque<Departure> waiting = new ArrayDeque<>();
    /** What was written and the system does not have yet, in order. */
    private final Deque<List<Departure>> underWay = new ArrayDeque<>();

    private int stanzas;
    private long bytes;
    private boolean connecting;
    private @Nullable OutgoingStream stream;
    private boolean open;
    /** Something has left on this stream. */
    private boolean carried;

    private boolean forgotten;
    private Proof proof = Proof.DIALBACK;
    private boolean refusedExternal;
    private boolean retrying;
    /** The last stream did not come about, or carried nothing. */
    private boolean unreachable;

    private long openedAt;
    private long lastSent;
    private int failures;
    private long notBefore = System.nanoTime();
    private StanzaError lastError = StanzaError.remoteServerTimeout();

    /** @param charge runs once, when a stream is open or this is forgotten */
    RemoteDomain(RemoteDomains domains, ServerStreams servers, DomainPair pair, EventLoop loop, Runnable charge) {
        this.domains = domains;
        this.servers = servers;
        this.pair = pair;
        this.loop = loop;
        this.charge = charge;
    }

    /** Any thread. */
    void send(Departure departure) {
        loop.execute(() -> take(departure));
    }

    /** Closes the stream if nobody has needed it for a while. Any thread. @return whether its place can be counted on */
    boolean givesWay() {
        if (!silent.compareAndSet(true, false)) {
            return false;
        }
        loop.execute(() -> {
            if (open && isIdle()) {
                stream().fail("gives way to another domain");
            }
        });
        return true;
    }

    private boolean isIdle() {
        return waiting.isEmpty() && underWay.isEmpty();
    }

    private void take(Departure departure) {
        if (domains.isClosed()) {
            return;
        }
        if (forgotten) {
            domains.send(departure);
            return;
        }
        silent.set(false);
        FederationConfig limits = servers.config();
        int size = sizeOf(departure);
        if (stanzas + 1 > limits.queueStanzas() || bytes + size > limits.queueBytes() && stanzas > 0) {
            servers.router().returned(departure, StanzaError.resourceConstraint());
            return;
        }
        long wait = open || connecting ? 0 : notBefore - System.nanoTime();
        // What a good server has closed is opened again soon enough for a question.
        long patience = unreachable ? 0 : limits.timeout().toNanos();
        if (!departure.isRecorded() && wait > patience) {
            servers.router().returned(departure, lastError);
            return;
        }
        if (!domains.reserve(size)) {
            servers.router().returned(departure, StanzaError.resourceConstraint());
            forgetIfIdle();
            return;
        }
        waiting.add(departure);
        stanzas++;
        bytes += size;
        go();
    }

    /** Of its header, too. */
    private static int sizeOf(Departure departure) {
        return departure.stanza().payload().size() + 200;
    }

    private void go() {
        if (open) {
            flush();
        } else if (!connecting && !retrying) {
            long wait = notBefore - System.nanoTime();
            if (wait > 0) {
                retrying = true;
                loop.schedule(this::retry, wait, TimeUnit.NANOSECONDS);
            } else {
                connecting = true;
                servers.connector().connect(pair, loop, this);
            }
        }
    }

    private void retry() {
        retrying = false;
        if (!domains.isClosed() && !waiting.isEmpty()) {
            go();
        }
    }

    // ---- the stream
    // --------------------------------------------------------------------------------------------------

    @Override
    public void secured(OutgoingStream opened, Element features) {
        stream = opened;
        if (External.isOffered(features) && !refusedExternal) {
            proof = Proof.EXTERNAL;
            opened.write(External.auth(pair));
        } else {
            claim(opened);
        }
    }

    private void claim(OutgoingStream on) {
        proof = Proof.DIALBACK;
        on.write(Dialback.claim(pair, servers.keys().key(pair.remote(), pair.local(), on.streamId())));
    }

    @Override
    public void received(Element element) {
        OutgoingStream on = stream;
        if (on == null || open) {
            return;
        }
        // Answers that nobody has asked for mean nothing (threat T16).
        if (proof == Proof.DIALBACK && element.is(Dialback.RESULT) && pair.equals(Dialback.pair(element))) {
            answered(element.attr("type"), on);
        } else if (proof == Proof.EXTERNAL && element.is(External.SUCCESS)) {
            proof = Proof.GIVEN;
            on.restart();
        } else if (proof == Proof.EXTERNAL && element.is(External.FAILURE)) {
            // Should it close the stream for that, the next one does without.
            refusedExternal = true;
            claim(on);
        } else if (proof == Proof.GIVEN && element.is(OutgoingStream.FEATURES)) {
            opened();
        }
    }

    private void answered(@Nullable String type, OutgoingStream on) {
        if ("valid".equals(type)) {
            opened();
        } else {
            on.fail("it does not believe who we are: " + (type == null ? "no answer" : type));
        }
    }

    private void opened() {
        log.info(
                "Stream open from {} to {} ({})",
                pair.local(),
                pair.remote(),
                proof == Proof.GIVEN ? "certificate" : "dialback");
        connecting = false;
        open = true;
        carried = false;
        settle();
        openedAt = System.nanoTime();
        lastSent = openedAt;
        stream().established();
        flush();
    }

    private void settle() {
        Runnable once = charge;
        charge = null;
        if (once != null) {
            once.run();
        }
    }

    private OutgoingStream stream() {
        return java.util.Objects.requireNonNull(stream);
    }

    @Override
    public void look(long now) {
        if (!open) {
            return;
        }
        if (!waiting.isEmpty()) {
            flush();
        } else if (underWay.isEmpty()) {
            silent.set(now - lastSent > SILENT.toNanos());
            if (now - lastSent > servers.config().idle().toNanos()) {
                stream().fail("nothing to say");
            }
        }
    }

    private void flush() {
        Instant now = servers.clock().instant();
        boolean wrote = false;
        while (!waiting.isEmpty() && stream().isWritable()) {
            List<Departure> batch = new ArrayList<>();
            List<Stanza> leaving = new ArrayList<>();
            int size = 0;
            while (!waiting.isEmpty() && batch.size() < BATCH_STANZAS && size < BATCH_BYTES) {
                Departure next = waiting.remove();
                size += sizeOf(next);
                batch.add(next);
                leaving.add(next.leaving(now));
            }
            underWay.add(batch);
            ChannelFuture written = stream().write(leaving);
            written.addListener(done -> written(batch, written.isSuccess()));
            wrote = true;
        }
        if (wrote) {
            lastSent = System.nanoTime();
            stream().flush();
        }
    }

    private void written(List<Departure> batch, boolean success) {
        if (success && underWay.remove(batch)) {
            carried = true;
            batch.forEach(each -> {
                release(each);
                servers.router().departed(each);
            });
        }
    }

    private void release(Departure departure) {
        stanzas--;
        int size = sizeOf(departure);
        bytes -= size;
        domains.release(size);
    }

    // ---- without a stream
    // --------------------------------------------------------------------------------------------

    @Override
    public void failed(Failure failure) {
        boolean wasOpen = open;
        boolean useful = open && carried;
        boolean good = useful && System.nanoTime() - openedAt > LASTED.toNanos();
        connecting = false;
        open = false;
        stream = null;
        silent.set(false);
        while (!underWay.isEmpty()) {
            List<Departure> batch = underWay.removeLast();
            for (int i = batch.size() - 1; i >= 0; i--) {
                waiting.addFirst(batch.get(i));
            }
        }
        if (domains.isClosed()) {
            return;
        }
        failures = good ? 0 : failures + 1;
        notBefore = System.nanoTime()
                + (good ? 0 : backOff(failures, ThreadLocalRandom.current().nextDouble()));
        lastError = failure.error();
        unreachable = !useful;
        if (wasOpen) {
            log.info("Stream closed from {} to {}: {}", pair.local(), pair.remote(), failure.reason());
        } else {
            log.info("No stream from {} to {}: {}", pair.local(), pair.remote(), failure.reason());
        }
        bounce(failure, useful);
        if (!waiting.isEmpty()) {
            go();
        } else {
            loop.schedule(this::forgetIfIdle, Math.max(0, notBefore - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    /** Nanoseconds. @param random from 0 to 1: servers that lost the same one do not come back together */
    static long backOff(int failures, double random) {
        double seconds = Math.min(FIRST_WAIT.toSeconds() * Math.pow(2, failures - 1), LONGEST_WAIT.toSeconds());
        return (long) (seconds * (0.5 + random / 2) * 1e9);
    }

    /** Whether this waits for the next stream. @param useful whether the last one carried something */
    static boolean stays(Departure departure, Failure failure, boolean useful, Duration keep, Instant now) {
        return !failure.isFinal() && (departure.isRecorded() || useful) && !departure.isOlderThan(keep, now);
    }

    private void bounce(Failure failure, boolean useful) {
        Instant now = servers.clock().instant();
        waiting.removeIf(each -> {
            boolean stays = stays(each, failure, useful, servers.config().keepMessages(), now);
            if (!stays) {
                release(each);
                servers.router().returned(each, failure.error());
            }
            return !stays;
        });
    }

    private void forgetIfIdle() {
        if (!open && !connecting && isIdle() && !forgotten) {
            forgotten = true;
            settle();
            domains.forget(pair, this);
        }
    }
}
