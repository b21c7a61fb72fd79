// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

/**
 * What one peer may send before its stream ends with {@code policy-violation}.
 *
 * @param stanzaBytes bytes of one top-level element, as received and, separately, in canonical form
 * @param elements elements in one top-level element, itself included
 * @param whitespace bytes of white space in a row between top-level elements
 * @param depth levels, the top-level element being the first
 * @param attributes attributes of one element
 * @param declarations namespace declarations of one element
 * @param startTagBytes bytes of one start tag
 * @param nameBytes bytes of one element or attribute name
 * @param namespaceBytes bytes of one namespace
 * @param names distinct names that one XML reader keeps; over half of it, the next top-level element gets
 *     a fresh reader
 */
public record DecoderLimits(
        int stanzaBytes,
        int elements,
        int whitespace,
        int depth,
        int attributes,
        int declarations,
        int startTagBytes,
        int nameBytes,
        int namespaceBytes,
        int names) {

    /** Before authentication: small, and enough for SASL2 with everything inline. */
    public static final DecoderLimits BEFORE_AUTHENTICATION =
            new DecoderLimits(16_384, 64, 4_096, 64, 64, 32, 16_384, 512, 256, 1_000);

    /** An authenticated client. */
    public static final DecoderLimits CLIENT =
            new DecoderLimits(262_144, 2_000, Integer.MAX_VALUE, 64, 64, 32, 16_384, 512, 256, 1_000);

    /** An authenticated server or component. */
    public static final DecoderLimits SERVER =
            new DecoderLimits(524_288, 10_000, Integer.MAX_VALUE, 64, 64, 32, 16_384, 512, 256, 1_000);

    public DecoderLimits withStanzaBytes(int stanzaBytes) {
        return new DecoderLimits(
                stanzaBytes,
                elements,
                whitespace,
                depth,
                attributes,
                declarations,
                startTagBytes,
                nameBytes,
                namespaceBytes,
                names);
    }

    public DecoderLimits withElements(int elements) {
        return new DecoderLimits(
                stanzaBytes,
                elements,
                whitespace,
                depth,
                attributes,
                declarations,
                startTagBytes,
                nameBytes,
                namespaceBytes,
                names);
    }
}
