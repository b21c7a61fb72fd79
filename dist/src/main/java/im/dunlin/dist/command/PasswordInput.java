// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.dist.data.StartException;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A password from whoever types it, or from standard input; never from an argument, which every process can read. */
final class PasswordInput {
    private static final int MAX_BYTES = 4_096;

    private final @Nullable Console console;
    private final InputStream in;

    PasswordInput(@Nullable Console console, InputStream in) {
        this.console = console;
        this.in = in;
    }

    static PasswordInput ofProcess() {
        Console console = System.console();
        return new PasswordInput(console != null && isTerminal(console) ? console : null, System.in);
    }

    /** From Java 22 on there is a console without a terminal, too. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    String read(String jid) throws StartException, IOException {
        String password = console == null ? line() : prompt(console, jid);
        if (password.isEmpty()) {
            throw new StartException("an empty password");
        }
        return password;
    }

    private static String prompt(Console console, String jid) throws StartException {
        char[] once = console.readPassword("Password for %s: ", jid);
        char[] again = console.readPassword("Again: ");
        if (once == null || again == null || !Arrays.equals(once, again)) {
            throw new StartException("the two passwords differ");
        }
        return new String(once);
    }

    private String line() throws StartException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            bytes.write(b);
            if (bytes.size() > MAX_BYTES) {
                throw new StartException("a password of more than " + MAX_BYTES + " bytes");
            }
        }
        try {
            String line = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        } catch (CharacterCodingException e) {
            throw new StartException("the password on standard input is not UTF-8");
        }
    }
}
