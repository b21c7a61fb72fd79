// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One host's certificate and its files. {@link #look} compares the files with what was loaded; whatever they hold is
 * checked and tried out before it replaces anything.
 */
final class WatchedCertificate {
    private static final Logger log = LoggerFactory.getLogger(WatchedCertificate.class);

    private static final int[] WARN_DAYS = {1, 7, 21};

    private record Stamp(
            @Nullable FileTime time, long size, @Nullable Object file) {
        static Stamp of(Path path) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            } catch (IOException e) {
                return new Stamp(null, 0, null);
            }
        }
    }

    private record Stamps(Stamp chain, Stamp key) {}

    private final HostCertificate files;
    private final TlsProvider provider;
    private final ExporterSecrets secrets;
    private final List<String> protocols;
    private final InstantSource clock;
    private final Consumer<HostContext> retire;

    private volatile HostContext current;

    // Below: the scheduler's thread only.
    private Stamps loaded;
    private Stamps seen;
    private int warnedOfDays = Integer.MAX_VALUE;

    /** @param retire takes a context that new connections no longer use, to be released a little later */
    WatchedCertificate(
            HostCertificate files,
            TlsProvider provider,
            ExporterSecrets secrets,
            List<String> protocols,
            InstantSource clock,
            Consumer<HostContext> retire)
            throws UnusableCertificateException {
        this.files = files;
        this.provider = provider;
        this.secrets = secrets;
        this.protocols = protocols;
        this.clock = clock;
        this.retire = retire;
        loaded = stamps();
        seen = loaded;
        current = load();
        warnOfEnd();
    }

    HostContext current() {
        return current;
    }

    /** Loads the files if they have changed, and not since the last look: certificate and key change one by one. */
    void look() {
        Stamps now = stamps();
        boolean settled = now.equals(seen);
        seen = now;
        if (settled && !now.equals(loaded)) {
            loaded = now;
            try {
                HostContext old = current;
                current = load();
                warnedOfDays = Integer.MAX_VALUE;
                log.info("certificate of {} loaded anew, valid until {}", files.host(), current.end());
                retire.accept(old);
            } catch (UnusableCertificateException e) {
                log.warn("certificate of {} not replaced: {}", files.host(), e.getMessage());
            }
        }
        TicketKeys tickets = current.tickets();
        if (tickets != null) {
            tickets.rotate(clock.instant());
        }
        warnOfEnd();
    }

    void release() {
        current.release();
    }

    private Stamps stamps() {
        return new Stamps(Stamp.of(files.chain()), Stamp.of(files.key()));
    }

    private HostContext load() throws UnusableCertificateException {
        Instant now = clock.instant();
        LoadedCertificate certificate = LoadedCertificate.load(files, now);
        try {
            return HostContext.of(certificate, provider, secrets, protocols, now);
        } catch (SSLException | RuntimeException e) {
            // Whatever a library makes of a file, the other hosts' files must go on being looked at.
            throw new UnusableCertificateException(files.chain() + ": refused by the TLS library: " + e.getMessage());
        }
    }

    /** Once when 21, 7 and 1 days are left, and once when none are. */
    private void warnOfEnd() {
        Instant end = current.end();
        Duration left = Duration.between(clock.instant(), end);
        int threshold = Integer.MAX_VALUE;
        if (left.isNegative()) {
            threshold = 0;
        } else {
            for (int days : WARN_DAYS) {
                if (left.compareTo(Duration.ofDays(days)) <= 0) {
                    threshold = days;
                    break;
                }
            }
        }
        if (threshold < warnedOfDays) {
            warnedOfDays = threshold;
            if (threshold == 0) {
                log.warn("certificate of {} has expired at {}: {}", files.host(), end, files.chain());
            } else {
                log.warn(
                        "certificate of {} ends in {} days, at {}: {}",
                        files.host(),
                        left.toDays(),
                        end,
                        files.chain());
            }
        }
    }
}
