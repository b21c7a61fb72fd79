// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stream.StreamError.Condition;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What may stand before the stream header: a byte order mark, white space, and one XML declaration.
 *
 * <p>Checked here and never shown to the parser, which believes declared versions and encodings (A5).
 */
final class Prolog {
    private static final int MAX_DECLARATION_BYTES = 256;

    private static final String BEGIN = "<?xml ";

    private static final Pattern DECLARATION = Pattern.compile("<\\?xml\\s+version\\s*=\\s*([\"'])(.*?)\\1"
            + "(\\s+encoding\\s*=\\s*([\"'])(.*?)\\4)?"
            + "(\\s+standalone\\s*=\\s*([\"'])(yes|no)\\7)?\\s*\\?>");

    private boolean begun;
    private boolean declared;
    private boolean complete;
    private int whitespace;

    /** True once the stream header begins where the last {@link #skip} ended. */
    boolean isComplete() {
        return complete;
    }

    /**
     * Steps over what is complete.
     *
     * @return where the stream header, or what is incomplete of the prolog, begins
     */
    int skip(byte[] in, int from, int to, DecoderLimits limits) throws ViolationException {
        int i = from;
        if (!begun && i < to) {
            begun = true;
            if (to - i >= 3 && in[i] == (byte) 0xEF && in[i + 1] == (byte) 0xBB && in[i + 2] == (byte) 0xBF) {
                i += 3;
            }
        }
        while (i < to && (in[i] == ' ' || in[i] == '\t' || in[i] == '\r' || in[i] == '\n')) {
            if (++whitespace > limits.whitespace()) {
                throw new ViolationException(Condition.POLICY_VIOLATION, "too much white space");
            }
            i++;
        }
        if (i == to) {
            return i;
        }
        if (in[i] != '<') {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no XML stream");
        }
        if (i + 1 == to) {
            return i;
        }
        if (in[i + 1] != '?') {
            complete = true;
            return i;
        }
        return declaration(in, i, to, limits);
    }

    private int declaration(byte[] in, int from, int to, DecoderLimits limits) throws ViolationException {
        int end = from;
        while (end < to && in[end] != '>') {
            end++;
        }
        // Said as soon as it is sure, so that it does not depend on where the rest is cut.
        if ((end < to || to - from >= BEGIN.length()) && (declared || !begins(in, from, to))) {
            throw new ViolationException(Condition.RESTRICTED_XML, "processing instruction");
        }
        if (end == to) {
            if (to - from > MAX_DECLARATION_BYTES) {
                throw new ViolationException(Condition.NOT_WELL_FORMED, "no XML declaration");
            }
            return from;
        }
        String text = new String(in, from, end + 1 - from, StandardCharsets.UTF_8);
        Matcher declaration = DECLARATION.matcher(text);
        if (text.length() > MAX_DECLARATION_BYTES || !declaration.matches()) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no XML declaration");
        }
        if (!declaration.group(2).equals("1.0")) {
            throw new ViolationException(Condition.BAD_FORMAT, "not XML 1.0");
        }
        String encoding = declaration.group(5);
        if (encoding != null && !encoding.equalsIgnoreCase("UTF-8")) {
            throw new ViolationException(Condition.UNSUPPORTED_ENCODING, "not UTF-8");
        }
        declared = true;
        return skip(in, end + 1, to, limits);
    }

    private static boolean begins(byte[] in, int from, int to) {
        int length = Math.min(BEGIN.length(), to - from);
        return new String(in, from, length, StandardCharsets.US_ASCII).equals(BEGIN);
    }
}
