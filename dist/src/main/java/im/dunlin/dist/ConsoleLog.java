// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.CoreConstants;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * The log as it is unless {@code -Dlogback.configurationFile=FILE} says otherwise: lines on standard error, of ours from
 * {@code -Dim.dunlin.log=LEVEL} on. Written in Java because reading it from a file took a tenth of a start.
 */
public final class ConsoleLog extends ContextAwareBase implements Configurator {
    private static final String LEVEL_PROPERTY = "im.dunlin.log";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        String file = System.getProperty(ContextInitializer.CONFIG_FILE_PROPERTY);
        if (file != null && isThere(file)) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        configure(context, Level.toLevel(System.getProperty(LEVEL_PROPERTY), Level.INFO));
        if (file != null) {
            context.getLogger(ConsoleLog.class)
                    .warn(
                            "{}: {} is not there, so the log is as it is without",
                            ContextInitializer.CONFIG_FILE_PROPERTY,
                            file);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** As Logback looks for it: an address, a resource, or a file. */
    static boolean isThere(String file) {
        return file.matches("[a-z]+:.*")
                || ConsoleLog.class.getClassLoader().getResource(file) != null
                || Files.isReadable(Path.of(file));
    }

    static void configure(LoggerContext context, Level ours) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console(context));
        context.getLogger("im.dunlin").setLevel(ours);
        // Its callers say in a line what it says in twenty.
        context.getLogger("com.eatthepath.pushy").setLevel(Level.OFF);
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
        Lines lines = new Lines();
        lines.setContext(context);
        lines.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(lines);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget(ConsoleTarget.SystemErr.getName());
        console.setEncoder(encoder);
        console.start();
        return console;
    }

    /** {@code 2026-10-09T10:00:00.000Z INFO  [main] TlsProvider: TLS by BoringSSL} */
    static final class Lines extends LayoutBase<ILoggingEvent> {
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        private static final Pattern LINE_ENDS = Pattern.compile("[\r\n]+");

        @Override
        public String doLayout(ILoggingEvent event) {
            StringBuilder line = new StringBuilder(160);
            TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(ZoneId.systemDefault()), line);
            String level = event.getLevel().toString();
            line.append(' ').append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
            String logger = event.getLoggerName();
            line.append('[').append(event.getThreadName()).append("] ");
            line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
            // Line ends inside a message would let a peer's text look like a line of its own.
            line.append(LINE_ENDS.matcher(event.getFormattedMessage()).replaceAll(" "));
            line.append(CoreConstants.LINE_SEPARATOR);
            if (event.getThrowableProxy() != null) {
                line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            return line.toString();
        }
    }
}
