// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.push.payload.Capability;
import im.dunlin.push.payload.DeviceEncoder;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.payload.Recipient;
import im.dunlin.push.payload.WebPushKey;
import im.dunlin.push.policy.DeviceState;
import im.dunlin.push.policy.Event;
import im.dunlin.push.policy.Notify;
import im.dunlin.push.policy.PushPolicy;
import im.dunlin.push.policy.Situation;
import im.dunlin.push.registration.Filters;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Pushes that are decided about, and written and encrypted for a device, on one core. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PushBenchmark {
    private static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    private static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);

    private final DeviceEncoder encoder = new DeviceEncoder(new SecureRandom());
    private final Recipient phone = new Recipient(
            BareJid.of("juliet@capulet.example"),
            "k3Jq7VdF0aXw",
            new byte[32],
            WebPushKey.of(
                    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                    "BTBZMqHH6r4Tts7J_aSIgg"),
            Set.of(Capability.MUTABLE, Capability.VOIP),
            null,
            false);
    private final Notice message = message("Wherefore art thou?");
    private final Notice longMessage = message("O Romeo, Romeo! ".repeat(500));
    private final Notice call = new Notice.Call(
            NOW,
            NOW.plusSeconds(60),
            FullJid.of("romeo@montague.example/orchard"),
            "ca3cf894-5325-482f-a412-a6e9f832298d",
            List.of("audio"),
            null);

    private final PushPolicy policy = new PushPolicy(Duration.ofSeconds(10), Duration.ofSeconds(2));
    private final Event event = new Event.Message(ROMEO, false, false, false, false);
    private final Situation away = new Situation(
            DeviceState.OFFLINE,
            false,
            false,
            Notify.ALWAYS,
            new Filters(Set.of(BareJid.of("tybalt@capulet.example")), false, null, Set.of()),
            Situation.StrangersCalls.ALERT,
            Duration.ZERO);

    private static Notice message(String text) {
        return new Notice.Message(
                Notice.Message.Kind.CHAT, NOW, ROMEO, ROMEO, null, text, false, "17", "18", 1, true, false);
    }

    @Benchmark
    public @Nullable Object message() {
        return encoder.apns(message, phone, 1);
    }

    @Benchmark
    public @Nullable Object messageThatIsCut() {
        return encoder.apns(longMessage, phone, 1);
    }

    @Benchmark
    public @Nullable Object call() {
        return encoder.apns(call, phone, 1);
    }

    @Benchmark
    public Object decision() {
        return policy.decide(event, away);
    }
}
