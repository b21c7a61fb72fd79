// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.access.ClientAccessModule;
import im.dunlin.core.modules.admin.AdminModule;
import im.dunlin.core.modules.avatar.AvatarModule;
import im.dunlin.core.modules.blocking.BlockingModule;
import im.dunlin.core.modules.bookmarks.BookmarksModule;
import im.dunlin.core.modules.caps.CapsModule;
import im.dunlin.core.modules.carbons.CarbonsModule;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.modules.component.ComponentModule;
import im.dunlin.core.modules.contact.ContactModule;
import im.dunlin.core.modules.csi.ClientStateModule;
import im.dunlin.core.modules.delivery.DeliveryModule;
import im.dunlin.core.modules.delivery.ForgedDelayModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.displayed.DisplayedModule;
import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.modules.externalservices.ExternalServicesModule;
import im.dunlin.core.modules.fast.FastModule;
import im.dunlin.core.modules.hostmeta.HostMetaModule;
import im.dunlin.core.modules.invitations.InvitationsModule;
import im.dunlin.core.modules.last.LastModule;
import im.dunlin.core.modules.legacysession.LegacySessionModule;
import im.dunlin.core.modules.muc.MucModule;
import im.dunlin.core.modules.muc.Options;
import im.dunlin.core.modules.omemo.OmemoModule;
import im.dunlin.core.modules.outage.OutageModule;
import im.dunlin.core.modules.page.PageModule;
import im.dunlin.core.modules.ping.PingModule;
import im.dunlin.core.modules.presence.PresenceModule;
import im.dunlin.core.modules.privatexml.PrivateXmlModule;
import im.dunlin.core.modules.profile.ProfileModule;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSubModule;
import im.dunlin.core.modules.registration.RegistrationModule;
import im.dunlin.core.modules.reports.ReportsModule;
import im.dunlin.core.modules.roster.RosterModule;
import im.dunlin.core.modules.streamlimits.StreamLimitsModule;
import im.dunlin.core.modules.streammanagement.StreamManagementModule;
import im.dunlin.core.modules.time.TimeModule;
import im.dunlin.core.modules.upload.UploadModule;
import im.dunlin.core.modules.vcard.VcardModule;
import im.dunlin.core.modules.version.VersionModule;
import im.dunlin.push.PushModule;
import im.dunlin.push.app.Apps;
import im.dunlin.push.app.ConfiguredApps;
import im.dunlin.push.service.PushServiceModule;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.archive.RoomArchiveModule;
import im.dunlin.sync.calls.CallsModule;
import im.dunlin.sync.delivery.ReliableDeliveryModule;
import im.dunlin.sync.displayed.ReadPositionsModule;
import im.dunlin.sync.groups.GroupsModule;
import im.dunlin.sync.inbox.InboxModule;
import im.dunlin.sync.notification.NotificationSettingsModule;
import im.dunlin.sync.reconnect.ReconnectModule;
import im.dunlin.sync.rewrite.RewriteModule;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The modules of a server, in an order in which each finds what it requires further up. */
public final class StandardModules {
    /**
     * One module.
     *
     * @param key its name under {@code modules:} in the configuration
     * @param section its own options there
     */
    private record Entry(String key, Consumer<Setup> constructor, Class<? extends Record> section) {
        Entry(String key, Consumer<Setup> constructor) {
            this(key, constructor, ModuleConfig.None.class);
        }
    }

    private static final List<Entry> ALL = List.of(
            new Entry("commands", CommandsModule::new),
            new Entry("roster", RosterModule::new),
            new Entry("blocking", BlockingModule::new),
            new Entry("presence", PresenceModule::new),
            new Entry("caps", CapsModule::new),
            new Entry(FastModule.KEY, FastModule::new, FastModule.Options.class),
            new Entry("client-access", ClientAccessModule::new),
            new Entry("carbons", CarbonsModule::new),
            new Entry("stream-management", StreamManagementModule::new),
            new Entry("stream-limits", StreamLimitsModule::new),
            new Entry("client-state", ClientStateModule::new),
            new Entry("archive", ArchiveModule::new),
            new Entry("rewrite", RewriteModule::new),
            new Entry("synchronization", SynchronizationModule::new),
            new Entry("groups", GroupsModule::new),
            new Entry("inbox", InboxModule::new),
            new Entry("reliable-delivery", ReliableDeliveryModule::new),
            new Entry("calls", CallsModule::new),
            new Entry("reconnect", ReconnectModule::new),
            new Entry("delivery", DeliveryModule::new),
            new Entry("delay", ForgedDelayModule::new),
            new Entry("disco", DiscoModule::new),
            new Entry("component", ComponentModule::new),
            new Entry("contact", ContactModule::new),
            new Entry(ExternalServicesModule.KEY, ExternalServicesModule::new, ExternalServicesModule.Options.class),
            new Entry(OutageModule.KEY, OutageModule::new, OutageModule.Options.class),
            new Entry("version", VersionModule::new, VersionModule.Options.class),
            new Entry("time", TimeModule::new),
            new Entry("last", LastModule::new),
            new Entry("vcard", VcardModule::new),
            new Entry(PepModule.KEY, PepModule::new, PepModule.Options.class),
            new Entry(PubSubModule.KEY, PubSubModule::new, PubSubModule.Options.class),
            new Entry(MucModule.KEY, MucModule::new, Options.class),
            new Entry(RoomArchiveModule.KEY, RoomArchiveModule::new),
            new Entry("private-xml", PrivateXmlModule::new),
            new Entry("avatar", AvatarModule::new),
            new Entry("bookmarks", BookmarksModule::new),
            new Entry(DisplayedModule.KEY, DisplayedModule::new),
            new Entry("read-positions", ReadPositionsModule::new),
            new Entry(NotificationSettingsModule.KEY, NotificationSettingsModule::new),
            new Entry("omemo", OmemoModule::new),
            new Entry("profile", ProfileModule::new),
            new Entry(RegistrationModule.KEY, RegistrationModule::new),
            new Entry(InvitationsModule.KEY, InvitationsModule::new, InvitationsModule.Options.class),
            new Entry(AdminModule.KEY, AdminModule::new),
            new Entry(ReportsModule.KEY, ReportsModule::new, ReportsModule.Options.class),
            new Entry("ping", PingModule::new),
            new Entry("legacy-session", LegacySessionModule::new),
            new Entry("echo", EchoModule::new),
            new Entry("host-meta", HostMetaModule::new),
            new Entry(UploadModule.KEY, UploadModule::new, UploadModule.Options.class),
            new Entry(PageModule.KEY, PageModule::new),
            new Entry(
                    PushModule.KEY,
                    setup -> new PushModule(setup, setup.require(Apps.class)),
                    PushModule.Options.class),
            new Entry(PushServiceModule.KEY, PushServiceModule::new, PushServiceModule.Options.class));

    private StandardModules() {}

    /** Builds all of them. */
    public static void addTo(ModuleRegistry registry) {
        constructors().forEach(registry::add);
    }

    /** The constructor of every module by its key, in their order. */
    static Map<String, Consumer<Setup>> constructors() {
        Map<String, Consumer<Setup>> constructors = new LinkedHashMap<>();
        ALL.forEach(entry -> constructors.put(entry.key(), entry.constructor()));
        return constructors;
    }

    /** Reads configurations of these modules. */
    static ConfigLoader configurations() {
        return ConfiguredApps.checked(new ConfigLoader(sections()));
    }

    /** The key of every module, and the record of its section in the configuration. */
    static Map<String, Class<? extends Record>> sections() {
        Map<String, Class<? extends Record>> sections = new TreeMap<>();
        ALL.forEach(entry -> sections.put(entry.key(), entry.section()));
        return sections;
    }
}
