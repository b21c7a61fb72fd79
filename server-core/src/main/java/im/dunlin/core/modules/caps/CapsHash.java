// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hash over a disco#info answer: equal if two entities say the same of themselves. */
public final class CapsHash {
    static final Name QUERY = Name.of(Ns.DISCO_INFO, "query");
    static final Name IDENTITY = Name.of(Ns.DISCO_INFO, "identity");
    static final Name FEATURE = Name.of(Ns.DISCO_INFO, "feature");
    private static final String FORM_TYPE = "FORM_TYPE";

    /** Ends a feature that says that events of a node are wanted (XEP-0163 §4.1). */
    static final String NOTIFY = "+notify";

    /** Names of XEP-0300, and Java's. */
    private static final Map<String, String> ALGORITHMS = Map.of(
            "sha-1", "SHA-1",
            "sha-256", "SHA-256",
            "sha-512", "SHA-512",
            "sha3-256", "SHA3-256",
            "sha3-512", "SHA3-512");

    private static final Comparator<byte[]> OCTETS = Arrays::compareUnsigned;

    private CapsHash() {}

    /** Whether this server can verify hashes of this algorithm (named as in XEP-0300). */
    static boolean isKnown(@Nullable String algorithm) {
        return algorithm != null && ALGORITHMS.containsKey(algorithm);
    }

    /** The verification string of XEP-0115 §5.1 by SHA-1, of what this server says of itself. */
    public static String sha1(Element query) {
        return legacy(query, "sha-1");
    }

    // ---- XEP-0115
    // ----------------------------------------------------------------------------------------------------

    static String legacy(Element query, String algorithm) {
        StringBuilder all = new StringBuilder();
        query.children(IDENTITY).stream()
                .map(identity -> attr(identity, "category")
                        + '/'
                        + attr(identity, "type")
                        + '/'
                        + lang(identity)
                        + '/'
                        + attr(identity, "name")
                        + '<')
                .sorted(byOctets())
                .forEach(all::append);
        features(query).stream()
                .sorted(byOctets())
                .forEach(feature -> all.append(feature).append('<'));
        query.children(FormFields.FORM).stream()
                .filter(CapsHash::hasHiddenType)
                .sorted(Comparator.comparing(CapsHash::type, byOctets()))
                .forEach(form -> append(form, all));
        return hash(all.toString().getBytes(StandardCharsets.UTF_8), algorithm);
    }

    private static void append(Element form, StringBuilder all) {
        all.append(type(form)).append('<');
        form.children(FormFields.FIELD).stream()
                .filter(field -> !var(field).equals(FORM_TYPE))
                .sorted(Comparator.comparing(CapsHash::var, byOctets()))
                .forEach(field -> {
                    all.append(var(field)).append('<');
                    values(field).stream()
                            .sorted(byOctets())
                            .forEach(value -> all.append(value).append('<'));
                });
    }

    /**
     * Whether an answer may be believed by its XEP-0115 hash (§5.4): nothing in it is there twice. And nothing has the
     * separator in it, since two answers could have one hash then. What ends as a feature does that asks for events is one:
     * the hash does not tell features from identities and forms.
     */
    static boolean isWellFormed(Element query) {
        Set<Object> seen = new HashSet<>();
        for (Element identity : query.children(IDENTITY)) {
            String whole = attr(identity, "category")
                    + '/'
                    + attr(identity, "type")
                    + '/'
                    + lang(identity)
                    + '/'
                    + attr(identity, "name");
            if (!seen.add(whole) || isDoubtful(whole)) {
                return false;
            }
        }
        seen.clear();
        for (String feature : features(query)) {
            if (!seen.add(feature) || feature.indexOf('<') >= 0) {
                return false;
            }
        }
        seen.clear();
        for (Element form : query.children(FormFields.FORM)) {
            List<Element> fields = form.children(FormFields.FIELD);
            long types = fields.stream()
                    .filter(field -> var(field).equals(FORM_TYPE))
                    .mapToLong(field -> values(field).size())
                    .sum();
            boolean doubtful = fields.stream()
                    .anyMatch(field ->
                            isDoubtful(var(field)) || values(field).stream().anyMatch(CapsHash::isDoubtful));
            if (types > 1 || doubtful || types == 1 && !seen.add(type(form))) {
                return false;
            }
        }
        return true;
    }

    /** Whether something that is no feature could stand in the hash for features. */
    private static boolean isDoubtful(String text) {
        return text.indexOf('<') >= 0 || text.endsWith(NOTIFY);
    }

    private static boolean hasHiddenType(Element form) {
        return form.children(FormFields.FIELD).stream()
                .anyMatch(field -> var(field).equals(FORM_TYPE) && "hidden".equals(field.attr("type")));
    }

    // ---- XEP-0390
    // ----------------------------------------------------------------------------------------------------

    /** §4.1; null for an answer that has no hash. */
    public static @Nullable String current(Element query, String algorithm) {
        for (Element child : query.children()) {
            boolean isForm = child.is(FormFields.FORM);
            if (!isForm && !child.is(IDENTITY) && !child.is(FEATURE)
                    || isForm && child.children().stream().anyMatch(part -> !part.is(FormFields.FIELD))
                    || isForm && type(child).isEmpty()) {
                return null;
            }
        }
        byte[] features = joined(features(query).stream().map(CapsHash::ended).toList(), 0x1c);
        byte[] identities = joined(
                query.children(IDENTITY).stream()
                        .map(identity -> bytes(
                                0x1e,
                                ended(attr(identity, "category")),
                                ended(attr(identity, "type")),
                                ended(lang(identity)),
                                ended(attr(identity, "name"))))
                        .toList(),
                0x1c);
        byte[] forms = joined(
                query.children(FormFields.FORM).stream()
                        .map(form -> joined(
                                form.children(FormFields.FIELD).stream()
                                        .map(CapsHash::field)
                                        .toList(),
                                0x1d))
                        .toList(),
                0x1c);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(features);
        all.writeBytes(identities);
        all.writeBytes(forms);
        return hash(all.toByteArray(), algorithm);
    }

    private static byte[] field(Element field) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ended(var(field)));
        values(field).stream().map(CapsHash::ended).sorted(OCTETS).forEach(out::writeBytes);
        out.write(0x1e);
        return out.toByteArray();
    }

    private static byte[] ended(String text) {
        return bytes(0x1f, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] joined(Collection<byte[]> parts, int end) {
        return bytes(end, parts.stream().sorted(OCTETS).toArray(byte[][]::new));
    }

    private static byte[] bytes(int end, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        out.write(end);
        return out.toByteArray();
    }

    // ----------------------------------------------------------------------------------------------------------------

    private static String hash(byte[] input, String algorithm) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance(Objects.requireNonNull(ALGORITHMS.get(algorithm)))
                            .digest(input));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    /** The document orders by octets. */
    private static Comparator<String> byOctets() {
        return Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), OCTETS);
    }

    static List<String> features(Element query) {
        return query.children(FEATURE).stream()
                .map(feature -> attr(feature, "var"))
                .toList();
    }

    private static String attr(Element element, String local) {
        return Objects.requireNonNullElse(element.attr(local), "");
    }

    private static String lang(Element element) {
        return Objects.requireNonNullElse(element.lang(), "");
    }

    private static String var(Element field) {
        return attr(field, "var");
    }

    private static List<String> values(Element field) {
        return field.children(FormFields.VALUE).stream().map(Element::text).toList();
    }

    private static String type(Element form) {
        return form.children(FormFields.FIELD).stream()
                .filter(field -> var(field).equals(FORM_TYPE))
                .map(field -> Objects.requireNonNullElse(field.text(FormFields.VALUE), ""))
                .findFirst()
                .orElse("");
    }
}
