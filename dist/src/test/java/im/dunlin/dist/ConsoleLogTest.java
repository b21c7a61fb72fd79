// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class ConsoleLogTest {
    private final LoggerContext context = new LoggerContext();
    private final ConsoleLog.Lines lines = new ConsoleLog.Lines();

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void lineSaysWhenHowBadWhereAndWhat() {
        assertThat(line("im.dunlin.dist.DunlinServer", Level.INFO, "Listening on {}", null, 5222))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:00\\.250(Z|[+-]\\d\\d:\\d\\d) INFO  \\[loop-1] DunlinServer: Listening on 5222\\R");
        assertThat(line("a.B", Level.ERROR, "x", null)).contains(" ERROR [loop-1] B: x");
    }

    @Test
    void messageStaysOneLine() {
        assertThat(line("a.B", Level.WARN, "from {}", null, "x\r\n2026-10-09 INFO [main] forged")
                        .lines())
                .singleElement()
                .asString()
                .endsWith("B: from x 2026-10-09 INFO [main] forged");
    }

    @Test
    void failureIsFollowedByWhereItHappened() {
        assertThat(line("a.B", Level.ERROR, "failed", new IllegalStateException("why"))
                        .lines())
                .hasSizeGreaterThan(2)
                .element(1)
                .isEqualTo("java.lang.IllegalStateException: why");
    }

    @Test
    void fileThatIsNotThereIsNotLeftToLogback() {
        assertThat(ConsoleLog.isThere("no-such-file.xml")).isFalse();
        assertThat(ConsoleLog.isThere("pom.xml")).isTrue();
        assertThat(ConsoleLog.isThere("file:/etc/dunlin/logback.xml")).isTrue();
    }

    @Test
    void ownLogIsAtTheLevelThatIsAskedForAndOthersWarn() {
        ConsoleLog.configure(context, Level.DEBUG);

        assertThat(context.getLogger("im.dunlin.dist").getEffectiveLevel()).isEqualTo(Level.DEBUG);
        assertThat(context.getLogger("io.netty").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("console"))
                .isNotNull();
    }

    @Test
    void fileThatIsNamedDecidesAlone() {
        assertThat(System.getProperty("logback.configurationFile")).isNotNull();

        assertThat(new ConsoleLog().configure(context)).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("console"))
                .isNull();
    }

    private String line(String logger, Level level, String message, @Nullable Throwable failure, Object... arguments) {
        LoggingEvent event = new LoggingEvent("", context.getLogger(logger), level, message, failure, arguments);
        event.setThreadName("loop-1");
        event.setInstant(Instant.parse("2026-10-09T10:20:00.250Z"));
        return lines.doLayout(event);
    }
}
