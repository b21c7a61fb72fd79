// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer;

import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.PortableWriter;
import im.dunlin.core.portable.Position;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes accounts as ejabberd reads them ({@code ejabberdctl import_piefxis} of version 23): one key of SCRAM, over SHA-1 if there is
 * one, as its default offers no other, with values in base64 twice.
 */
final class EjabberdWriter implements AccountSink {
    private static final Set<String> VALUES = Set.of("salt", "server-key", "stored-key");

    private final PortableWriter writer;
    private final List<Element> keys = new ArrayList<>(3);
    private @Nullable String host;

    EjabberdWriter(PortableWriter writer) {
        this.writer = writer;
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static void write(Writing writing) {
        try {
            writing.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void begin(Position at, String domain, String name, @Nullable String password) {
        write(() -> {
            if (!domain.equals(host)) {
                endHost();
                writer.beginHost(domain);
                host = domain;
            }
            writer.beginUser(name);
        });
    }

    @Override
    public void piece(Position at, Element piece) {
        if (piece.is(ScramCredentials.NAME)) {
            keys.add(piece);
            return;
        }
        write(() -> {
            writeKey();
            writer.piece(piece);
        });
    }

    private void writeKey() throws IOException {
        Element key = keys.stream()
                .min(Comparator.comparing(each -> each.requireAttr("mechanism").equals("SCRAM-SHA-1") ? 0 : 1))
                .orElse(null);
        keys.clear();
        if (key != null) {
            writer.piece(twice(key));
        }
    }

    private static Element twice(Element credentials) {
        ElementBuilder twice =
                Element.builder(credentials.name()).attr("mechanism", credentials.requireAttr("mechanism"));
        for (Element value : credentials.children()) {
            String text = value.text();
            twice.child(
                    value.name(),
                    VALUES.contains(value.name().local())
                            ? Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII))
                            : text);
        }
        return twice.build();
    }

    @Override
    public void end() {
        write(() -> {
            writeKey();
            writer.endUser();
        });
    }

    /** The end of the last host. */
    void endHost() throws IOException {
        if (host != null) {
            writer.endHost();
        }
    }

    @Override
    public void broken(PortableException why) throws PortableException {
        throw why;
    }

    /** What this server does not know it has not written. */
    @Override
    public void unknown(Position at, Name name) {}
}
