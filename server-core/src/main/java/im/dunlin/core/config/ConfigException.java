// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /**
     * One thing that is wrong.
     *
     * @param file {@code null} when the text came from no file
     * @param line counted from 1; 0 when the problem has no place in the file
     * @param column counted from 1
     */
    public record Problem(@Nullable Path file, int line, int column, String message) {
        @Override
        public String toString() {
            String place = file == null ? "configuration" : file.toString();
            return line == 0 ? place + ": " + message : place + ":" + line + ":" + column + ": " + message;
        }
    }
}
