// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes before they are parsed: sizes, depth, number of attributes, and markup that XMPP
 * forbids.
 *
 * <p>Aalto has no limits and collects a whole start tag before it says anything (threats-and-faults A6), so
 * they must be judged on the bytes. The guard reads tags only as far as it needs to: markup that it reads
 * differently from the parser is markup that the parser refuses. It stops behind each top-level element, so
 * that the parser never holds bytes of the next one.
 */
final class StartTagGuard {
    private static final byte TEXT = 0;
    private static final byte OPENED = 1;
    private static final byte TAG = 2;
    private static final byte IN_APOSTROPHES = 3;
    private static final byte IN_QUOTES = 4;
    private static final byte END_TAG = 5;
    private static final byte DECLARATION = 6;
    private static final byte CDATA = 7;
    private static final byte REFERENCE = 8;

    private static final String CDATA_START = "[CDATA[";

    /** ASCII that means something in text, and in a start tag outside quotes. */
    private static final boolean[] IN_TEXT = marked("<]>&");

    private static final boolean[] IN_TAG = marked(">'\":");

    private static final int MAX_REFERENCE = 32;

    /** What a reference has so far. */
    private static final byte NOTHING = 0;

    private static final byte NAME = 1;
    private static final byte HASH = 2;
    private static final byte DIGITS = 3;
    private static final byte HASH_X = 4;
    private static final byte HEX_DIGITS = 5;
    private static final byte WRONG = 6;

    private static final long AMP = packed("amp");
    private static final long LT = packed("lt");
    private static final long GT = packed("gt");
    private static final long APOS = packed("apos");
    private static final long QUOT = packed("quot");

    private byte state = TEXT;

    /** Where the reference stands: in text or in one of the two quotes. */
    private byte around;

    private byte form;

    /** The last eight bytes of the reference. */
    private long reference;

    /** Open elements, the stream included. */
    private int depth;

    /** Since the top-level element began. */
    private int bytes;

    private int elements;
    private int tagBytes;
    private int longestTag;
    private int attributes;
    private int whitespace;

    /** The last byte of the tag. */
    private byte last;

    /** Closing brackets in a row, or characters of {@link #CDATA_START} that were there. */
    private int matched;

    private boolean atBoundary;
    private @Nullable StreamError violation;

    /** One that stands inside a stream from the start. */
    static StartTagGuard inside() {
        StartTagGuard guard = new StartTagGuard();
        guard.depth = 1;
        return guard;
    }

    /** True if the last scan ended behind the stream header, a top-level element or the end of the stream. */
    boolean atBoundary() {
        return atBoundary;
    }

    /** What the byte breaks at which the last scan ended. */
    @Nullable
    StreamError violation() {
        return violation;
    }

    /** Open elements, the stream included: 0 before its header and after its end. */
    int depth() {
        return depth;
    }

    /** Bytes of the top-level element so far, or of the one that the last scan ended behind. */
    int bytes() {
        return bytes;
    }

    /** Bytes of the longest start tag in the top-level element. */
    int longestTag() {
        return longestTag;
    }

    /** True inside the stream header, a top-level element, or a tag between them. */
    boolean isInsideElement() {
        return depth > 1 || state != TEXT;
    }

    /** Scans to the next boundary, to the first byte that breaks a rule, or to the end. */
    int scan(byte[] in, int from, int to, DecoderLimits limits) {
        atBoundary = false;
        boolean between = state == TEXT && depth <= 1;
        int end = between ? to : (int) Math.min(to, (long) from + limits.stanzaBytes() - bytes);
        int counted = from;
        int i = from;
        while (i < end) {
            byte c = in[i];
            switch (state) {
                case TEXT -> {
                    if (c == '<') {
                        if (depth <= 1) {
                            counted = i;
                            bytes = 0;
                            elements = 0;
                            whitespace = 0;
                            longestTag = 0;
                            end = (int) Math.min(to, (long) i + limits.stanzaBytes());
                        }
                        tagBytes = 0;
                        state = OPENED;
                    } else if (depth <= 1) {
                        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                            return depth == 0
                                    ? stop(i, Condition.NOT_WELL_FORMED, "text outside the stream")
                                    : stop(i, Condition.BAD_FORMAT, "text between stanzas");
                        }
                        if (++whitespace > limits.whitespace()) {
                            return stop(i, Condition.POLICY_VIOLATION, "too much white space");
                        }
                    } else if (c == ']') {
                        matched++;
                    } else if (c == '&') {
                        beginReference();
                    } else {
                        if (c == '>' && matched >= 2) {
                            return stop(i, Condition.NOT_WELL_FORMED, "']]>' in text");
                        }
                        matched = 0;
                        i = plain(in, i, end) - 1;
                    }
                }
                case OPENED -> {
                    matched = 0;
                    if (c == '/') {
                        state = END_TAG;
                    } else if (c == '!') {
                        state = DECLARATION;
                    } else if (c == '?') {
                        return stop(i, Condition.RESTRICTED_XML, "processing instruction");
                    } else {
                        state = TAG;
                        last = '<';
                        attributes = 0;
                        tagBytes = 1;
                        continue;
                    }
                }
                case TAG -> {
                    if (last != ':') {
                        int ordinary =
                                ordinary(in, i, (int) Math.min(end, (long) i + limits.startTagBytes() - tagBytes));
                        if (ordinary > i) {
                            tagBytes += ordinary - i;
                            last = in[ordinary - 1];
                            i = ordinary;
                            continue;
                        }
                    }
                    if (++tagBytes > limits.startTagBytes()) {
                        return stop(i, Condition.POLICY_VIOLATION, "start tag too long");
                    }
                    // Aalto takes names with nothing before or behind the colon (A5).
                    if (c == ':' && !isInName(last) || last == ':' && !isInName(c)) {
                        return stop(i, Condition.NOT_WELL_FORMED, "no name of XML");
                    }
                    if (c == '>') {
                        if (depth > 0 && ++elements > limits.elements()) {
                            return stop(i, Condition.POLICY_VIOLATION, "too many elements");
                        }
                        if (last != '/' && ++depth - 1 > limits.depth()) {
                            return stop(i, Condition.POLICY_VIOLATION, "too many levels");
                        }
                        state = TEXT;
                        longestTag = Math.max(longestTag, tagBytes);
                        if (depth <= 1) {
                            return boundary(i + 1, counted);
                        }
                    } else if (c == '\'' || c == '"') {
                        if (++attributes > limits.attributes() + limits.declarations()) {
                            return stop(i, Condition.POLICY_VIOLATION, "too many attributes");
                        }
                        state = c == '"' ? IN_QUOTES : IN_APOSTROPHES;
                    }
                    last = c;
                }
                case IN_APOSTROPHES, IN_QUOTES -> {
                    byte quote = (byte) (state == IN_QUOTES ? '"' : '\'');
                    int limit = (int) Math.min(end, (long) i + limits.startTagBytes() - tagBytes);
                    int start = i;
                    while (i < limit && in[i] != quote && in[i] != '&') {
                        i++;
                    }
                    tagBytes += i - start;
                    if (i < limit) {
                        tagBytes++;
                        if (in[i] == quote) {
                            state = TAG;
                        } else {
                            beginReference();
                        }
                    } else if (tagBytes >= limits.startTagBytes() && i < end) {
                        return stop(i, Condition.POLICY_VIOLATION, "start tag too long");
                    } else {
                        i--;
                    }
                }
                case END_TAG -> {
                    if (c == '>') {
                        state = TEXT;
                        depth--;
                        if (depth <= 1) {
                            return boundary(i + 1, counted);
                        }
                    }
                }
                case DECLARATION -> {
                    if (c != CDATA_START.charAt(matched)) {
                        return matched == 0
                                ? stop(i, Condition.RESTRICTED_XML, "comment or document type")
                                : stop(i, Condition.NOT_WELL_FORMED, "no markup of XML");
                    }
                    if (++matched == CDATA_START.length()) {
                        if (depth <= 1) {
                            return stop(i, Condition.BAD_FORMAT, "text between stanzas");
                        }
                        matched = 0;
                        state = CDATA;
                    }
                }
                case REFERENCE -> {
                    if (around != TEXT && ++tagBytes > limits.startTagBytes()) {
                        return stop(i, Condition.POLICY_VIOLATION, "start tag too long");
                    }
                    if (c == ';') {
                        if (form == NAME && !isPredefined()) {
                            // None is declared in XMPP (RFC 6120 section 11.1).
                            return stop(i, Condition.RESTRICTED_XML, "entity reference");
                        }
                        if (form != NAME && form != DIGITS && form != HEX_DIGITS) {
                            return stop(i, Condition.NOT_WELL_FORMED, "no reference of XML");
                        }
                        state = around;
                        matched = 0;
                    } else if (!continuesReference(c)) {
                        return stop(i, Condition.NOT_WELL_FORMED, "no reference of XML");
                    }
                }
                default -> {
                    if (c == ']') {
                        matched++;
                    } else {
                        if (c == '>' && matched >= 2) {
                            state = TEXT;
                        }
                        matched = 0;
                    }
                }
            }
            i++;
        }
        if (end < to) {
            return stop(Math.max(i, from), Condition.POLICY_VIOLATION, "stanza too long");
        }
        if (depth > 1 || state != TEXT) {
            bytes += i - counted;
        }
        return i;
    }

    private void beginReference() {
        around = state;
        state = REFERENCE;
        matched = 0;
        form = NOTHING;
        reference = 0;
    }

    /** Aalto takes a character reference without digits (A5), so each byte is looked at. */
    private boolean continuesReference(byte c) {
        boolean digit = c >= '0' && c <= '9';
        boolean hexDigit = digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
        form = switch (form) {
            case NOTHING -> c == '#' ? HASH : isInName(c) ? NAME : WRONG;
            case NAME -> isInName(c) ? NAME : WRONG;
            case HASH -> c == 'x' ? HASH_X : digit ? DIGITS : WRONG;
            case DIGITS -> digit ? DIGITS : WRONG;
            default -> hexDigit ? HEX_DIGITS : WRONG;
        };
        reference = reference << 8 | c & 0xFF;
        return form != WRONG && ++matched <= MAX_REFERENCE;
    }

    private boolean isPredefined() {
        return reference == AMP || reference == LT || reference == GT || reference == APOS || reference == QUOT;
    }

    private static long packed(String name) {
        long packed = 0;
        for (int i = 0; i < name.length(); i++) {
            packed = packed << 8 | name.charAt(i);
        }
        return packed;
    }

    private static boolean isInName(byte c) {
        return c < 0 || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._".indexOf(c) >= 0;
    }

    /** Behind the text that needs no look: nearly all of it. */
    private static int plain(byte[] in, int from, int to) {
        int i = from + 1;
        while (i < to && (in[i] < 0 || !IN_TEXT[in[i]])) {
            i++;
        }
        return i;
    }

    /** Behind the bytes of a start tag that need no look. */
    private static int ordinary(byte[] in, int from, int to) {
        int i = from;
        while (i < to && (in[i] < 0 || !IN_TAG[in[i]])) {
            i++;
        }
        return i;
    }

    private static boolean[] marked(String characters) {
        boolean[] marked = new boolean[128];
        characters.chars().forEach(c -> marked[c] = true);
        return marked;
    }

    private int boundary(int at, int counted) {
        bytes += at - counted;
        atBoundary = true;
        return at;
    }

    private int stop(int at, Condition condition, String text) {
        violation = StreamError.of(condition, text);
        return at;
    }
}
