// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.disco;

import im.dunlin.core.module.Identity;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** The verification string of XEP-0115 §5.1: equal exactly if two entities say the same of themselves. */
final class CapsHash {
    static final Name FIELD = Name.of(Ns.DATA_FORMS, "field");
    static final Name VALUE = Name.of(Ns.DATA_FORMS, "value");

    /** The document orders by octets. */
    private static final Comparator<String> OCTETS = Comparator.comparing(
            text -> text.getBytes(StandardCharsets.UTF_8), (one, other) -> Arrays.compareUnsigned(one, other));

    private CapsHash() {}

    /** @param forms each with a FORM_TYPE */
    static String sha1(Collection<Identity> identities, Collection<String> features, Collection<Element> forms) {
        StringBuilder all = new StringBuilder();
        // Our identities have no language; the sort is over the whole of what is written.
        identities.stream()
                .map(identity -> identity.category() + '/' + identity.type() + "//" + identity.name() + '<')
                .sorted(OCTETS)
                .forEach(all::append);
        features.stream().sorted(OCTETS).forEach(feature -> all.append(feature).append('<'));
        forms.stream().sorted(Comparator.comparing(CapsHash::type, OCTETS)).forEach(form -> append(form, all));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest(all.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private static void append(Element form, StringBuilder all) {
        all.append(type(form)).append('<');
        form.children(FIELD).stream()
                .filter(field -> !var(field).equals("FORM_TYPE"))
                .sorted(Comparator.comparing(CapsHash::var, OCTETS))
                .forEach(field -> {
                    all.append(var(field)).append('<');
                    field.children(VALUE).stream()
                            .map(Element::text)
                            .sorted(OCTETS)
                            .forEach(value -> all.append(value).append('<'));
                });
    }

    private static String var(Element field) {
        return Objects.requireNonNullElse(field.attr("var"), "");
    }

    private static String type(Element form) {
        List<Element> fields = form.children(FIELD);
        return fields.stream()
                .filter(field -> var(field).equals("FORM_TYPE"))
                .map(field -> Objects.requireNonNullElse(field.text(VALUE), ""))
                .findFirst()
                .orElse("");
    }
}
