// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.auth.TlsChannel;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Offers features to a stream and brings its requests to them; knows no feature by name. Any event loop. */
public final class Negotiator {
    private static final Name FEATURES = Name.of(Ns.STREAMS, "features");

    /** Nothing comes between the elements of an exchange. */
    private static final StreamFeature.Step INTERRUPTED =
            new StreamFeature.Step.Close(null, StreamError.of(StreamError.Condition.NOT_AUTHORIZED));

    /** A feature and its conditions, which are asked for once: a login looks at them some fifty times. */
    private record Known(StreamFeature feature, Set<StreamTrait> needs, Set<StreamTrait> forbids) {}

    /**
     * What decides which features a stream is told.
     *
     * @param bindings types of channel bindings; null without TLS, and when nobody needs them any more
     * @param isManaged whether stanzas of the stream's session are acknowledged (XEP-0198)
     */
    record Circumstances(
            String domain,
            Set<StreamTrait> traits,
            @Nullable List<String> bindings,
            boolean isManaged) {
        static Circumstances of(Negotiation stream) {
            TlsChannel channel = stream.tls();
            ClientSession session = stream.session();
            return new Circumstances(
                    stream.domain(),
                    Set.copyOf(stream.traits()),
                    channel == null ? null : channel.bindingTypes(),
                    session != null && session.outbound().isManaged());
        }
    }

    /** @param by those whose features they are */
    private record Offer(Element features, List<StreamFeature> by) {}

    private final List<Known> features;
    private final BiPredicate<StreamFeature, String> isOn;
    /** A few for each host. */
    private final Map<Circumstances, Offer> offers = new ConcurrentHashMap<>();
    /** Two features may answer the same element in different phases of a stream. */
    private final Map<Name, List<Known>> byRequest = new HashMap<>();

    /** @param isOn whether streams to a domain may have a feature */
    public Negotiator(List<StreamFeature> features, BiPredicate<StreamFeature, String> isOn) {
        this.features = features.stream()
                .map(feature -> new Known(feature, feature.needs(), feature.forbids()))
                .toList();
        this.isOn = isOn;
        for (Known known : this.features) {
            for (Name request : known.feature().requests()) {
                byRequest.computeIfAbsent(request, name -> new ArrayList<>(1)).add(known);
            }
        }
    }

    /** The {@code <stream:features/>} that this stream has now, and is told. */
    public Element features(Negotiation stream) {
        Offer offer = offers.computeIfAbsent(Circumstances.of(stream), circumstances -> offer(stream));
        for (StreamFeature feature : offer.by()) {
            feature.told(stream, offer.features());
        }
        return offer.features();
    }

    private Offer offer(Negotiation stream) {
        ElementBuilder offered = Element.builder(FEATURES);
        List<StreamFeature> by = new ArrayList<>();
        for (Known known : features) {
            Element advertised = fits(known, stream) ? known.feature().advertise(stream, offered::build) : null;
            if (advertised != null) {
                offered.child(advertised);
                by.add(known.feature());
            }
        }
        return new Offer(offered.build(), by);
    }

    /** @return null if no feature that this stream may use answers the element */
    public StreamFeature.@Nullable Step negotiate(Negotiation stream, Element request) {
        if (interrupts(request.name(), stream)) {
            return INTERRUPTED;
        }
        StreamFeature feature = find(stream, request.name());
        return feature != null ? feature.negotiate(stream, request) : null;
    }

    /** A request that comes as an iq before the stream is bound, such as resource binding. */
    public StreamFeature.@Nullable Step negotiate(Negotiation stream, Stanza stanza) {
        if (interrupts(null, stream)) {
            return INTERRUPTED;
        }
        if (!(stanza instanceof Iq iq) || !iq.isRequest() || iq.payload().count() != 1) {
            return null;
        }
        return find(stream, iq.requestName()) instanceof IqFeature feature ? feature.negotiate(stream, iq) : null;
    }

    /** @param request null for a stanza */
    private boolean interrupts(@Nullable Name request, Negotiation stream) {
        for (Known known : features) {
            Set<Name> awaited = known.feature().awaited(stream);
            if (!awaited.isEmpty() && (request == null || !awaited.contains(request))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable StreamFeature find(Negotiation stream, Name request) {
        for (Known known : byRequest.getOrDefault(request, List.of())) {
            if (fits(known, stream)) {
                return known.feature();
            }
        }
        return null;
    }

    private boolean fits(Known known, Negotiation stream) {
        return stream.traits().containsAll(known.needs())
                && Collections.disjoint(stream.traits(), known.forbids())
                && isOn.test(known.feature(), stream.domain());
    }
}
