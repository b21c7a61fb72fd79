// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.benchmarks.load.client.Scram;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.SaslMechanisms;
import im.dunlin.core.auth.SaslOffer;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.TlsChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A whole SCRAM-SHA-256 exchange, both sides of it; the client knows its key already and does as much as the server. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ScramBenchmark {
    private static final String MECHANISM = "SCRAM-SHA-256";
    private static final String PASSWORD = "Call me but love";

    private final SecureRandom random = new SecureRandom();
    private final CredentialPolicy policy =
            new CredentialPolicy(EnumSet.of(ScramHash.SHA_256), CredentialPolicy.MIN_ITERATIONS);
    private final Credentials credentials = Credentials.ofPassword(PASSWORD, policy, random);
    private final SaslOffer offer = new SaslMechanisms(Set.of(MECHANISM), policy, new byte[32], random)
            .offer("montague.example", TlsChannel.ELSEWHERE);

    @Benchmark
    public SaslStep exchange() {
        Scram client = new Scram(MECHANISM, "romeo", PASSWORD);
        SaslExchange server = offer.begin(MECHANISM);
        if (server == null
                || !(server.begin(bytes(client.first())) instanceof SaslStep.NeedCredentials need)
                || !(need.resume().with(credentials) instanceof SaslStep.Challenge challenge)
                || !(server.respond(bytes(client.last(new String(challenge.data(), StandardCharsets.UTF_8))))
                        instanceof SaslStep.Success success)) {
            throw new IllegalStateException("not authenticated");
        }
        return success;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
