// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A registration in octets, before they are encrypted. */
final class RegistrationCodec {
    static final ValueCodec<Registration> VALUE =
            Values.versioned(1, RegistrationCodec::write, RegistrationCodec::read);

    private RegistrationCodec() {}

    private static void write(ValueWriter out, Registration registration) {
        Health health = registration.health();
        out.fixed64(registration.number())
                .u8(registration.dialect().ordinal())
                .text(registration.service().toString())
                .text(registration.node())
                .text(registration.device())
                .nullable(registration.options(), RegistrationCodec::element)
                .list(registration.extensions(), RegistrationCodec::element)
                .fixed64(registration.registered())
                .fixed64(registration.seen())
                .varint(health.failures())
                .varint(health.failureDays())
                .varint(health.waits())
                .varint(health.last())
                .varint(health.disabled())
                .nullableText(health.reason());
    }

    private static Registration read(ValueReader in) {
        long number = in.fixed64();
        int dialect = in.u8();
        if (dialect >= Dialect.values().length) {
            throw new CorruptionException("dialect " + dialect);
        }
        Jid service = Jid.prepared(in.text());
        String node = in.text();
        String device = in.text();
        Element options = in.nullable(RegistrationCodec::element);
        List<Element> extensions = in.list(RegistrationCodec::element);
        return new Registration(
                number,
                Dialect.values()[dialect],
                service,
                node,
                device,
                options,
                extensions,
                Wishes.of(extensions),
                in.fixed64(),
                in.fixed64(),
                new Health(
                        (int) in.varint(),
                        (int) in.varint(),
                        (int) in.varint(),
                        in.varint(),
                        in.varint(),
                        in.nullableText()));
    }

    /** In canonical form, which is what its text is. */
    private static void element(ValueWriter out, Element element) {
        out.text(element.toString());
    }

    private static Element element(ValueReader in) {
        return Element.parse(in.text().getBytes(StandardCharsets.UTF_8));
    }
}
