// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.avatar;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.NodeObserver;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.modules.vcard.VcardView;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0084: User Avatar, and XEP-0398: the same image for who reads vCards, with its hash in presence (XEP-0153).
 *
 * <p>The nodes are the truth: a card has no image of its own, it is shown to each reader who may read the nodes. An image in a card
 * that a client sets is published to them.
 */
public final class AvatarModule implements VcardView.CardFilter {
    /** Its name in the configuration. */
    public static final String KEY = "avatar";

    private static final String METADATA_NODE = "urn:xmpp:avatar:metadata";
    private static final String DATA_NODE = "urn:xmpp:avatar:data";
    private static final Name METADATA = Name.of(METADATA_NODE, "metadata");
    private static final Name INFO = Name.of(METADATA_NODE, "info");
    private static final Name DATA = Name.of(DATA_NODE, "data");

    private static final Name PHOTO = Name.of("vcard-temp", "PHOTO");
    private static final Name TYPE = Name.of("vcard-temp", "TYPE");
    private static final Name BINVAL = Name.of("vcard-temp", "BINVAL");

    private static final String UPDATE_NS = "vcard-temp:x:update";
    private static final Name UPDATE = Name.of(UPDATE_NS, "x");
    private static final Name UPDATE_PHOTO = Name.of(UPDATE_NS, "photo");

    private static final String USUAL_TYPE = "image/png";

    /** A card is read by everybody, so an image that comes from one is published for everybody. */
    private static final Map<String, String> OPEN = Map.of("pubsub#access_model", "open");

    /** The hash of the account's image; empty without one. */
    private static final CacheKey<String> HASH = new CacheKey<>("avatar.hash");

    /** @param text base64 as it was published */
    private record Image(String hash, String type, String text) {}

    private final Setup setup;
    private final PubSub pubsub;
    private final PresenceView presence;

    public AvatarModule(Setup setup) {
        this.setup = setup;
        pubsub = setup.require(PubSub.class);
        presence = setup.require(PresenceView.class);
        setup.require(VcardView.class).filter(this);
        setup.implementing(84, "1.1.4")
                .implementing(153, "1.1.1")
                .implementing(398, "1.0.0")
                .feature("urn:xmpp:pep-vcard-conversion:0", OWN_ACCOUNT, ACCOUNT)
                .presence(PresenceStage.ANNOTATE, this::annotate);
        pubsub.observe(DATA_NODE, new Changes(turn -> turn.forget(HASH)));
        // Data comes before its metadata: in between there is nothing to tell.
        pubsub.observe(METADATA_NODE, new Changes(this::changed));
    }

    private record Changes(Consumer<Turn> then) implements NodeObserver {
        @Override
        public void published(Item item, @Nullable Item before, Turn turn) {
            then.accept(turn);
        }

        @Override
        public void retracted(Item item, Turn turn) {
            then.accept(turn);
        }

        @Override
        public void emptied(Turn turn) {
            then.accept(turn);
        }
    }

    /** Whoever comes later is sent what a session broadcast last: that must name the image of now. */
    private void changed(Turn turn) {
        turn.forget(HASH);
        if (isOn(turn)) {
            presence.revise(last -> withHash(last, turn), turn);
        }
    }

    private boolean isOn(Turn turn) {
        return setup.config().host(turn.jid().domain()).hasModule(PepModule.KEY)
                && setup.config().host(turn.jid().domain()).hasModule(KEY);
    }

    /** The image that the metadata names and the data has, if it is the one that its id says (XEP-0398 §4.1). */
    private @Nullable Image image(Turn turn) {
        Item metadata = pubsub.last(METADATA_NODE, turn);
        Element content = metadata == null ? null : metadata.content();
        List<Element> infos = content == null ? List.of() : content.children(INFO);
        for (Element info : infos) {
            String id = info.attr("id");
            Item item = id == null || info.attr("url") != null ? null : pubsub.item(DATA_NODE, id, turn);
            Element data = item == null ? null : item.content();
            byte[] bytes = data == null || !data.is(DATA) ? null : decoded(data.text());
            if (id != null && data != null && bytes != null && sha1(bytes).equals(id)) {
                String type = info.attr("type");
                return new Image(id, type == null ? USUAL_TYPE : type, data.text());
            }
        }
        return null;
    }

    private static byte @Nullable [] decoded(String base64) {
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(base64);
            return bytes.length == 0 ? null : bytes;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    // ---- cards
    // -------------------------------------------------------------------------------------------------------

    @Override
    public Element shown(Element card, BareJid reader, Turn turn) {
        if (!isOn(turn) || !pubsub.mayRead(METADATA_NODE, reader, turn) || !pubsub.mayRead(DATA_NODE, reader, turn)) {
            return card;
        }
        Image image = image(turn);
        if (image == null) {
            return card;
        }
        return Element.builder(card.name())
                .children(withoutPhoto(card))
                .child(Element.of(PHOTO).child(TYPE, image.type()).child(BINVAL, image.text()))
                .build();
    }

    private static List<Element> withoutPhoto(Element card) {
        return card.children().stream().filter(child -> !child.is(PHOTO)).toList();
    }

    /** A card without an image takes the avatar away, since whoever sets a card sets the whole of it (XEP-0054 §3.2). */
    @Override
    public Element stored(Element card, Turn turn) {
        if (!isOn(turn)) {
            return card;
        }
        Element photo = card.first(PHOTO);
        String text = photo == null ? null : photo.text(BINVAL);
        Image before = image(turn);
        if (photo == null || text == null || text.isBlank()) {
            if (before != null) {
                pubsub.publish(METADATA_NODE, before.hash(), Element.of(METADATA), OPEN, turn);
            }
        } else {
            byte[] bytes = decoded(text);
            if (bytes == null) {
                throw StanzaError.badRequest("an image is written in base64").toException();
            }
            if (before == null || !before.hash().equals(sha1(bytes))) {
                publish(bytes, photo.text(TYPE), turn);
            }
        }
        return Element.builder(card.name()).children(withoutPhoto(card)).build();
    }

    private void publish(byte[] bytes, @Nullable String given, Turn turn) {
        String hash = sha1(bytes);
        String type = given == null || given.isBlank() ? USUAL_TYPE : given.strip();
        pubsub.publish(DATA_NODE, hash, Element.of(DATA, Base64.getEncoder().encodeToString(bytes)), OPEN, turn);
        Element info = Element.of(INFO)
                .attr("bytes", Integer.toString(bytes.length))
                .attr("id", hash)
                .attr("type", type);
        pubsub.publish(METADATA_NODE, hash, Element.of(METADATA).child(info), OPEN, turn);
    }

    // ---- presence
    // ----------------------------------------------------------------------------------------------------

    /** XEP-0398 §5: also in directed presence. */
    private Presence annotate(Presence sent, Way way, Turn turn) {
        return way == Way.OUTBOUND && sent.type() == Presence.Type.AVAILABLE && isOn(turn)
                ? withHash(sent, turn)
                : sent;
    }

    /** The presence with the hash of the image, unless the client says on purpose that there is none. */
    private Presence withHash(Presence sent, Turn turn) {
        Element update = sent.payload().first(UPDATE);
        String photo = update == null ? null : update.text(UPDATE_PHOTO);
        if (photo != null && photo.isBlank()) {
            return sent;
        }
        String hash = turn.cached(HASH, () -> {
            Image image = image(turn);
            return image == null ? "" : image.hash();
        });
        Payload others = sent.payload().without(UPDATE::equals);
        if (hash.isEmpty()) {
            // A hash of an image that is gone is nobody's any more.
            return photo == null ? sent : sent.withPayload(others);
        }
        return sent.withPayload(others.with(Element.of(UPDATE).child(UPDATE_PHOTO, hash)));
    }
}
