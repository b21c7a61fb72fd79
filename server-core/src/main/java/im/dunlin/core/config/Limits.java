// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.time.Duration;

/** Limits of streams and connections. What happens at each is said beside it, and tested by crossing it. */
public record Limits(
        @Setting(says = "What a client may send before it has logged in.")
        BeforeLogin beforeLogin,

        @Setting(says = "Shape of one stanza.") Stanza stanza,

        @Setting(says = "How fast a session may send. Above, the server reads more slowly.")
        Rate rate,

        @Setting(says = "Connections from one address (IPv6: one /64).")
        Connections connections,

        @Setting(says = "Failed logins.") Login login,
        @Setting(says = "How long the server waits.") Timeouts timeouts,
        @Setting(says = "Stanzas on their way to a client.") Outbound outbound,
        @Setting(says = "Stream management (XEP-0198).") Resumption resumption,

        @Setting(says = "What waits for an inactive client (XEP-0352).")
        Inactive inactive,

        @Setting(says = "Requests over HTTP.") Http http,

        @Setting(says = "Streams in requests over HTTP (XEP-0124).")
        Bosh bosh) {

    public static Limits defaults() {
        return RecordBinder.defaults(Limits.class);
    }

    /** Before login; each ends the stream with policy-violation. */
    public record BeforeLogin(
            @Setting(
                    says = "Bytes of one element; a SASL message with its certificate must fit.",
                    byDefault = "16KiB",
                    min = 4_096,
                    max = 1 << 20,
                    bytes = true)
            int bytes,

            @Setting(says = "Elements in one element.", byDefault = "64", min = 16, max = 10_000)
            int elements) {}

    /** The shape of a stanza; beyond these the stream ends with policy-violation, as the parser cannot go on. */
    public record Stanza(
            @Setting(
                    says = "Bytes of one stanza, as received and in canonical form.",
                    byDefault = "256KiB",
                    min = 10_000,
                    max = 64 << 20,
                    bytes = true)
            int bytes,

            @Setting(says = "Elements in one stanza.", byDefault = "2000", min = 50, max = 1_000_000)
            int elements,

            @Setting(says = "Depth of nesting.", byDefault = "64", min = 16, max = 1_000)
            int depth,

            @Setting(says = "Bytes of one start tag.", byDefault = "16KiB", min = 1_024, max = 1 << 20, bytes = true)
            int startTagBytes,

            @Setting(says = "Attributes of one element.", byDefault = "64", min = 16, max = 1_000)
            int attributes,

            @Setting(says = "Namespace declarations of one element.", byDefault = "32", min = 8, max = 1_000)
            int namespaces,

            @Setting(
                    says = "Bytes of one element or attribute name.",
                    byDefault = "512B",
                    min = 128,
                    max = 4_096,
                    bytes = true)
            int nameBytes,

            @Setting(says = "Bytes of one namespace.", byDefault = "256B", min = 128, max = 4_096, bytes = true)
            int namespaceBytes,

            @Setting(says = "Different names in one stream.", byDefault = "1000", min = 200, max = 100_000)
            int distinctNames) {}

    /** Token buckets of a session; an empty one of bytes or stanzas stops reading until it has filled again. */
    public record Rate(
            @Setting(says = "Bytes a second.", byDefault = "32KiB", min = 1_024, max = 1 << 30, bytes = true)
            int bytesPerSecond,

            @Setting(
                    says = "Bytes at once after a silence.",
                    byDefault = "512KiB",
                    min = 10_000,
                    max = 1 << 30,
                    bytes = true)
            int bytesBurst,

            @Setting(says = "Stanzas a second.", byDefault = "50", min = 1, max = 1_000_000)
            int stanzasPerSecond,

            @Setting(says = "Stanzas at once after a silence.", byDefault = "300", min = 10, max = 1_000_000)
            int stanzasBurst,

            @Setting(
                    says = "Broadcasts of presence a minute; above, only the newest is sent when its time comes.",
                    byDefault = "60",
                    min = 1,
                    max = 1_000_000)
            int presencesPerMinute,

            @Setting(
                    says = "Broadcasts of presence at once after a silence.",
                    byDefault = "10",
                    min = 1,
                    max = 1_000_000)
            int presencesBurst,

            @Setting(
                    says = "Requests for subscription a minute; above, they are refused.",
                    byDefault = "20",
                    min = 1,
                    max = 1_000_000)
            int subscriptionsPerMinute) {}

    /** Above these a connection is closed before TLS. */
    public record Connections(
            @Setting(says = "New connections a second.", byDefault = "20", min = 1, max = 1_000_000)
            int perSecond,

            @Setting(says = "New connections at once.", byDefault = "50", min = 1, max = 1_000_000)
            int burst,

            @Setting(says = "Open connections.", byDefault = "200", min = 1, max = 1_000_000)
            int open,

            @Setting(says = "Open connections that have not logged in.", byDefault = "30", min = 1, max = 1_000_000)
            int unauthenticated,

            @Setting(
                    says = "Connections the operating system keeps until the server takes them.",
                    byDefault = "1024",
                    min = 1,
                    max = 65_535)
            int backlog) {}

    /** Failed logins; above these every attempt fails without the password being looked at. */
    public record Login(
            @Setting(says = "Failures of one stream before it is closed.", byDefault = "3", min = 1, max = 100)
            int failuresPerStream,

            @Setting(
                    says = "Failures for one account from one address within the window.",
                    byDefault = "10",
                    min = 1,
                    max = 1_000_000)
            int failuresPerAccount,

            @Setting(says = "Failures from one address within the window.", byDefault = "40", min = 1, max = 1_000_000)
            int failuresPerAddress,

            @Setting(says = "The window.", byDefault = "15m", min = 1, max = 86_400)
            Duration window) {}

    /** How long the server waits for a peer. */
    public record Timeouts(
            @Setting(says = "For the TLS handshake; then the connection is closed.", byDefault = "10s", min = 1)
            Duration tlsHandshake,

            @Setting(
                    says = "From the connection to a bound resource; then connection-timeout.",
                    byDefault = "60s",
                    min = 1)
            Duration negotiation,

            @Setting(
                    says = "From the first to the last byte of one stanza; then connection-timeout.",
                    byDefault = "60s",
                    min = 1)
            Duration stanza,

            @Setting(says = "Silence after which the server asks for a sign of life.", byDefault = "5m", min = 1)
            Duration idle,

            @Setting(
                    says = "For that sign; then the session is detached (if it may be resumed) or closed.",
                    byDefault = "30s",
                    min = 1)
            Duration answer,

            @Setting(says = "For the peer's closing tag.", byDefault = "5s", min = 1)
            Duration close,

            @Setting(
                    says = "For a socket that takes no bytes; then the session is detached or closed.",
                    byDefault = "60s",
                    min = 1)
            Duration send) {}

    /** Stanzas between the server and a slow client. */
    public record Outbound(
            @Setting(
                    says = "Bytes in the socket's buffer below which writing goes on.",
                    byDefault = "32KiB",
                    min = 4_096,
                    max = 1 << 30,
                    bytes = true)
            int lowWaterBytes,

            @Setting(
                    says = "Bytes in the socket's buffer above which writing stops, and reading from this client too.",
                    byDefault = "128KiB",
                    min = 8_192,
                    max = 1 << 30,
                    bytes = true)
            int highWaterBytes,

            @Setting(
                    says = "Bytes that wait for the socket; above, the session is detached or closed.",
                    byDefault = "1MiB",
                    min = 64 << 10,
                    max = 1 << 30,
                    bytes = true)
            int queueBytes,

            @Setting(
                    says = "Stanzas that wait for the socket; above, the session is detached or closed.",
                    byDefault = "2000",
                    min = 100,
                    max = 1_000_000)
            int queueStanzas)
            implements Checked {

        @Override
        public void check(Report report) {
            if (lowWaterBytes >= highWaterBytes) {
                report.wrong(
                        "lowWaterBytes",
                        lowWaterBytes + " (expected: less than highWaterBytes, " + highWaterBytes + ")");
            }
        }
    }

    /** XEP-0198. */
    public record Resumption(
            @Setting(
                    says = "Unacknowledged messages and iqs of one session; above, the session ends.",
                    byDefault = "2000",
                    min = 10,
                    max = 1_000_000)
            int unackedStanzas,

            @Setting(
                    says = "Unacknowledged bytes of one session, presence too; above, the session ends.",
                    byDefault = "4MiB",
                    min = 64 << 10,
                    max = 1 << 30,
                    bytes = true)
            int unackedBytes,

            @Setting(says = "Stanzas after which an acknowledgement is asked for.", byDefault = "50", min = 1)
            int askEveryStanzas,

            @Setting(says = "Time after which an acknowledgement is asked for.", byDefault = "30s", min = 1)
            Duration askEvery,

            @Setting(says = "For the acknowledgement; then the session is detached.", byDefault = "60s", min = 1)
            Duration ackTimeout,

            @Setting(says = "How long a detached session can be resumed.", byDefault = "5m", min = 1, max = 86_400)
            Duration resumeTime) {}

    /** XEP-0352; at these everything is sent. */
    public record Inactive(
            @Setting(says = "Stanzas.", byDefault = "256", min = 1, max = 100_000)
            int stanzas,

            @Setting(says = "Bytes.", byDefault = "256KiB", min = 1_024, max = 64 << 20, bytes = true)
            int bytes) {}

    /** HTTP; above these a request is answered with 414, 431 or 408 and the connection closed. */
    public record Http(
            @Setting(says = "Bytes of a request's line.", byDefault = "8KiB", min = 512, max = 1 << 20, bytes = true)
            int lineBytes,

            @Setting(says = "Bytes of its headers.", byDefault = "16KiB", min = 1_024, max = 1 << 20, bytes = true)
            int headerBytes,

            @Setting(
                    says = "From the connection or the last answer to a complete head; then the connection is closed.",
                    byDefault = "20s",
                    min = 1)
            Duration head,

            @Setting(
                    says = "For each step of an answer on this side, which is more than a request is held; then the"
                            + " connection is closed.",
                    byDefault = "2m",
                    min = 1)
            Duration answer,

            @Setting(
                    says = "Bytes of a body that a client must send a second, on average and after that time.",
                    byDefault = "1KiB",
                    max = 1 << 20,
                    bytes = true)
            int bytesPerSecond) {}

    /** XEP-0124; what a session is told of them it may not go beyond. */
    public record Bosh(
            @Setting(
                    says = "How long a request may wait for something to be said.",
                    byDefault = "60s",
                    min = 1,
                    max = 600)
            Duration waiting,

            @Setting(
                    says = "Silence after which the session is detached or closed.",
                    byDefault = "60s",
                    min = 1,
                    max = 600)
            Duration inactivity,

            @Setting(
                    says = "Silence of a session whose client has asked for a pause, at most.",
                    byDefault = "2m",
                    min = 1,
                    max = 3_600)
            Duration pause,

            @Setting(
                    says = "Between two empty requests of a client that polls; sooner, its session ends.",
                    byDefault = "5s",
                    min = 1,
                    max = 600)
            Duration polling) {}
}
