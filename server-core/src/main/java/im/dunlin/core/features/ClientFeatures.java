// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.dispatch.Logins;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.stream.ConfigVersion;
import im.dunlin.core.stream.Negotiator;
import im.dunlin.core.stream.StreamFeature;
import java.util.ArrayList;
import java.util.List;

/** What the streams of clients may negotiate: the server's own features, then those of modules. */
public final class ClientFeatures {
    private ClientFeatures() {}

    public static Negotiator negotiator(SaslNegotiation sasl, Lanes lanes, ModuleRegistry modules, Sessions sessions) {
        Logins logins = new Logins(lanes, modules, sessions);
        List<StreamFeature> features = new ArrayList<>(List.of(
                new StartTls(),
                new Sasl2(sasl, modules, logins, sessions),
                new Sasl(sasl),
                sasl.channelBindingTypes(),
                new Bind(sessions),
                new StreamManagement(sessions)));
        features.addAll(modules.streamFeatures());
        features.add(new ConfigVersion());
        return new Negotiator(features, modules::isOn);
    }
}
