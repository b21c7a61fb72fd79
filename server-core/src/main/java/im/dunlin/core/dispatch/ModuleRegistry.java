// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.component.Components;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.HttpRoutes;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.BindStep;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.Declared;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.IqHandler;
import im.dunlin.core.module.LiveSessions;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.module.MessageStep;
import im.dunlin.core.module.NonzaHandler;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.PresenceStep;
import im.dunlin.core.module.ResumptionNews;
import im.dunlin.core.module.Screen;
import im.dunlin.core.module.SendGate;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.SessionEnd;
import im.dunlin.core.module.SessionStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all modules have declared, in the order of the modules. Built by one thread before the server starts, immutable after.
 *
 * <p>A module that a host has switched off takes no part in that host's stanzas: its declarations carry its key, and the
 * dispatchers ask {@link #isOn}.
 */
public final class ModuleRegistry implements Declared, HttpRoutes {
    /** Something that a module declared. */
    record Entry<T>(String module, T value) {}

    /** An attribute of a session that survives a restart. */
    record KeptAttribute<T>(SessionKey<T> key, ValueCodec<T> codec) {}

    record IqKey(Iq.Type type, Name payload, Addressee to) {}

    /** @param feature null if it is not advertised, but asked at every bind */
    record BindPart(@Nullable String feature, Set<Name> requests, BoundSection section, BindStep step) {
        boolean isAskedAlways() {
            return requests.isEmpty();
        }

        @Nullable
        Element requestIn(Element bind) {
            for (Element child : bind.children()) {
                if (requests.contains(child.name())) {
                    return child;
                }
            }
            return null;
        }
    }

    private record Form(String module, Addressee of, Function<String, @Nullable Element> form) {}

    private record Nodes(String module, Addressee of, DiscoNodes nodes) {}

    /** @param subdomain of the service; null unless it is of one */
    private record Offered(
            String module, Addressee of, @Nullable String subdomain, Command command) {
        boolean isAt(Addressee asked, @Nullable Service service) {
            return of == asked && (service == null || service.subdomain().equals(subdomain));
        }
    }

    private final ServerConfig config;
    private final Store store;
    private final Lanes lanes;
    private final Domains domains;
    private final List<Epoch> epochs;

    /** Modules that some host does without: for the others nobody looks at each step. */
    private final Set<String> switchedOff;

    private final Map<Class<?>, Object> provided = new HashMap<>();
    private final List<Implemented> documents = new ArrayList<>();
    private final Map<Addressee, List<Entry<String>>> features = new EnumMap<>(Addressee.class);
    private final Map<Addressee, List<Identity>> identities = new EnumMap<>(Addressee.class);
    private final List<Form> forms = new ArrayList<>();
    private final List<Nodes> nodes = new ArrayList<>();
    private final List<Offered> commands = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private final List<Entry<HttpRoute>> routes = new ArrayList<>();

    final Map<IqKey, Entry<IqHandler>> iqs = new HashMap<>();
    final List<Entry<Screen>> screens = new ArrayList<>();
    final Map<Stage, List<Entry<MessageStep>>> messages = new EnumMap<>(Stage.class);
    final Map<PresenceStage, List<Entry<PresenceStep>>> presences = new EnumMap<>(PresenceStage.class);
    final List<SendGate> gates = new ArrayList<>();
    final Map<Name, Entry<NonzaHandler>> nonzas = new HashMap<>();
    final List<StreamFeature> streamFeatures = new ArrayList<>();
    private final Map<StreamFeature, String> featureModules = new IdentityHashMap<>();
    private final List<Entry<LoginPart>> loginParts = new ArrayList<>();
    private final List<Entry<BindPart>> bindParts = new ArrayList<>();
    final List<SessionStep> bound = new ArrayList<>();
    final List<SessionStep> detached = new ArrayList<>();
    final List<SessionStep> resumed = new ArrayList<>();
    final List<ResumptionNews> news = new ArrayList<>();
    final List<SessionEnd> ended = new ArrayList<>();
    final List<SessionStep> recording = new ArrayList<>();
    final Map<String, KeptAttribute<?>> kept = new LinkedHashMap<>();
    final List<TurnBody> accountCreated = new ArrayList<>();
    final List<TurnBody> accountRemoved = new ArrayList<>();
    private final List<Entry<AccountPart>> accountParts = new ArrayList<>();
    final Set<Table<?, ?>> tables = new LinkedHashSet<>();
    final Map<String, Setup.Resumed> timers = new HashMap<>();
    final Map<String, Setup.DurablyAnswered> continuations = new HashMap<>();

    private @Nullable LiveSessions sessions;

    public ModuleRegistry(ServerConfig config, Store store, Lanes lanes) {
        this.config = config;
        this.store = store;
        this.lanes = lanes;
        this.epochs = store.cluster().epochs();
        this.switchedOff = config.hosts().values().stream()
                .flatMap(host -> host.switchedOff().stream())
                .collect(Collectors.toUnmodifiableSet());
        Components components =
                new Components(config.components().keySet(), config.hosts().keySet());
        provide(Components.class, components);
        this.domains =
                new Domains(config.hosts(), components, config.federation().enabled());
        for (Addressee of : Addressee.values()) {
            features.put(of, new ArrayList<>());
            identities.put(of, new ArrayList<>());
        }
        for (Stage stage : Stage.values()) {
            messages.put(stage, new ArrayList<>());
        }
        for (PresenceStage stage : PresenceStage.values()) {
            presences.put(stage, new ArrayList<>());
        }
    }

    /** Builds a module: its constructor declares it. @param key its name in the configuration */
    public void add(String key, Consumer<Setup> constructor) {
        constructor.accept(new ModuleSetup(key));
    }

    Store store() {
        return store;
    }

    Domains domains() {
        return domains;
    }

    /** Whether the module is on at the host of this owner. */
    boolean isOn(String module, BareJid owner) {
        return !switchedOff.contains(module) || isOn(module, owner.domain());
    }

    boolean isOn(String module, String domain) {
        HostConfig host = domains.host(domain);
        return host == null || host.hasModule(module);
    }

    /** Whether streams to this domain are offered the feature: not if it is of a module that the host has switched off. */
    public boolean isOn(StreamFeature feature, String domain) {
        String module = featureModules.get(feature);
        return module == null || isOn(module, domain);
    }

    /** What modules add to authentications at this domain. */
    public List<LoginPart> loginParts(String domain) {
        return loginParts.stream()
                .filter(part -> isOn(part.module(), domain))
                .map(Entry::value)
                .toList();
    }

    /** What modules keep of accounts at this domain, in the order of the modules. */
    public List<AccountPart> accountParts(String domain) {
        return accountParts.stream()
                .filter(part -> isOn(part.module(), domain))
                .map(Entry::value)
                .toList();
    }

    public List<StreamFeature> streamFeatures() {
        return streamFeatures;
    }

    /** Who takes part in a bind, in the order of their answers. */
    List<Entry<BindPart>> bindParts() {
        return bindParts;
    }

    void add(Entry<BindPart> part) {
        bindParts.add(part);
        // Stable: within a section the order of the modules stays.
        bindParts.sort(Comparator.comparing(each -> each.value().section()));
    }

    /** What a client may ask for while it binds a session at this domain (XEP-0386 §4.1). */
    public List<String> bindFeatures(String domain) {
        return bindParts.stream()
                .filter(part -> isOn(part.module(), domain))
                .map(part -> part.value().feature())
                .filter(Objects::nonNull)
                .sorted()
                .toList();
    }

    /** Makes a part of the server available to modules; before they are added. */
    public <S> void provide(Class<S> service, S implementation) {
        if (provided.put(service, implementation) != null) {
            throw new IllegalStateException(service + " is provided twice");
        }
    }

    /** What modules reach sessions by; once all are added. */
    void sessions(LiveSessions live) {
        sessions = live;
    }

    /** What a module provided, for the parts of the server that stand above the modules. */
    public <S> S provided(Class<S> service) {
        return service.cast(Objects.requireNonNull(provided.get(service), () -> service + " is not provided"));
    }

    @Override
    public @Nullable HttpRoute find(String domain, String path) {
        return routes.stream()
                .filter(route -> route.value().matches(path) && isOn(route.module(), domain))
                .map(Entry::value)
                .max(Comparator.comparingInt(route -> route.path().length()))
                .orElse(null);
    }

    // ---- Declared
    // ----------------------------------------------------------------------------------------------------

    @Override
    public SortedSet<String> features(Addressee of, String domain) {
        TreeSet<String> found = new TreeSet<>();
        for (Entry<String> feature : Objects.requireNonNull(features.get(of))) {
            if (isOn(feature.module(), domain)) {
                found.add(feature.value());
            }
        }
        return found;
    }

    @Override
    public List<Identity> identities(Addressee of) {
        return Objects.requireNonNull(identities.get(of));
    }

    @Override
    public List<Element> forms(Addressee of, String domain) {
        List<Element> found = new ArrayList<>();
        for (Form form : forms) {
            Element made =
                    form.of() == of && isOn(form.module(), domain) ? form.form().apply(domain) : null;
            if (made != null) {
                found.add(made);
            }
        }
        return found;
    }

    @Override
    public List<DiscoNodes> nodes(Addressee of, String domain) {
        return nodes.stream()
                .filter(each -> each.of() == of && isOn(each.module(), domain))
                .map(Nodes::nodes)
                .toList();
    }

    @Override
    public List<Command> commands(Addressee of, String domain) {
        Service service = domains.service(domain);
        return commands.stream()
                .filter(each -> each.isAt(of, service) && isOn(each.module(), domain))
                .map(Offered::command)
                .filter(Command::isThere)
                .toList();
    }

    @Override
    public List<Service> services() {
        return services;
    }

    @Override
    public @Nullable Service service(String domain) {
        return domains.service(domain);
    }

    @Override
    public List<Implemented> documents() {
        return documents;
    }

    /** Declarations of one module. */
    private final class ModuleSetup implements Setup {
        private final String key;

        ModuleSetup(String key) {
            this.key = key;
        }

        @Override
        public Setup implementing(int xep, String version) {
            documents.add(new Implemented("XEP-%04d".formatted(xep), version, key));
            return this;
        }

        @Override
        public Setup implementing(String rfc) {
            documents.add(new Implemented(rfc, "", key));
            return this;
        }

        @Override
        public Setup feature(String namespace, Addressee... of) {
            for (Addressee each : of) {
                Objects.requireNonNull(features.get(each)).add(new Entry<>(key, namespace));
            }
            return this;
        }

        @Override
        public Setup identity(Identity identity, Addressee... of) {
            for (Addressee each : of) {
                Objects.requireNonNull(identities.get(each)).add(identity);
            }
            return this;
        }

        @Override
        public Setup discoForm(Function<String, @Nullable Element> form, Addressee... of) {
            for (Addressee each : of) {
                forms.add(new Form(key, each, form));
            }
            return this;
        }

        @Override
        public Setup discoNodes(DiscoNodes found, Addressee... of) {
            for (Addressee each : of) {
                nodes.add(new Nodes(key, each, found));
            }
            return this;
        }

        @Override
        public Setup command(Command command, Addressee... of) {
            for (Addressee each : of) {
                if (each != Addressee.SERVER && each != Addressee.OWN_ACCOUNT) {
                    throw new IllegalArgumentException("a command of " + each);
                }
                offer(new Offered(key, each, null, command));
            }
            return this;
        }

        @Override
        public Setup command(Command command, String subdomain) {
            offer(new Offered(key, Addressee.SERVICE, subdomain, command));
            return this;
        }

        private void offer(Offered offered) {
            for (Offered other : commands) {
                if (other.of() == offered.of()
                        && Objects.equals(other.subdomain(), offered.subdomain())
                        && other.command().node().equals(offered.command().node())) {
                    throw new IllegalStateException(
                            "command " + offered.command().node() + " is declared twice");
                }
            }
            commands.add(offered);
        }

        @Override
        public <K, V> Table<K, V> table(TableSpec<K, V> spec) {
            Table<K, V> table = store.open(spec);
            tables.add(table);
            return table;
        }

        @Override
        public <K, V> Setup everyRow(Table<K, V> table, Consumer<Row<K, V>> each) {
            try (Scan<K, V> rows = store.scanTable(table)) {
                rows.forEachRemaining(each);
            }
            return this;
        }

        @Override
        public List<Epoch> epochs() {
            return epochs;
        }

        @Override
        public <S> S require(Class<S> service) {
            return provided(service);
        }

        @Override
        public <S> Setup provide(Class<S> service, S implementation) {
            ModuleRegistry.this.provide(service, implementation);
            return this;
        }

        @Override
        public Setup iqGet(Name payload, Set<Addressee> to, IqHandler handler) {
            return iq(Iq.Type.GET, payload, to, handler);
        }

        @Override
        public Setup iqSet(Name payload, Set<Addressee> to, IqHandler handler) {
            return iq(Iq.Type.SET, payload, to, handler);
        }

        private Setup iq(Iq.Type type, Name payload, Set<Addressee> to, IqHandler handler) {
            for (Addressee each : to) {
                if (iqs.put(new IqKey(type, payload, each), new Entry<>(key, handler)) != null) {
                    throw new IllegalStateException("iq " + type + " " + payload + " to " + each + " is handled twice");
                }
            }
            return this;
        }

        @Override
        public Setup screen(Screen screen) {
            screens.add(new Entry<>(key, screen));
            return this;
        }

        @Override
        public Setup message(Stage stage, MessageStep step) {
            Objects.requireNonNull(messages.get(stage)).add(new Entry<>(key, step));
            return this;
        }

        @Override
        public Setup presence(PresenceStage stage, PresenceStep step) {
            Objects.requireNonNull(presences.get(stage)).add(new Entry<>(key, step));
            return this;
        }

        @Override
        public Setup sendGate(SendGate gate) {
            gates.add(gate);
            return this;
        }

        @Override
        public Setup nonza(Name name, NonzaHandler handler) {
            if (nonzas.put(name, new Entry<>(key, handler)) != null) {
                throw new IllegalStateException(name + " is handled twice");
            }
            return this;
        }

        @Override
        public Setup streamFeature(StreamFeature feature) {
            streamFeatures.add(feature);
            featureModules.put(feature, key);
            return this;
        }

        @Override
        public Setup bindInline(String feature, Set<Name> requests, BoundSection section, BindStep step) {
            add(new Entry<>(key, new BindPart(feature, requests, section, step)));
            return this;
        }

        @Override
        public Setup loginInline(LoginPart part) {
            loginParts.add(new Entry<>(key, part));
            return this;
        }

        @Override
        public Setup bindInline(BoundSection section, BindStep step) {
            add(new Entry<>(key, new BindPart(null, Set.of(), section, step)));
            return this;
        }

        @Override
        public Setup service(Service service) {
            services.add(service);
            domains.add(service, key);
            return this;
        }

        @Override
        public Setup http(HttpRoute route) {
            if (routes.stream().anyMatch(other -> other.value().path().equals(route.path()))) {
                throw new IllegalStateException(route.path() + " is answered twice");
            }
            routes.add(new Entry<>(key, route));
            return this;
        }

        @Override
        public Setup sessionBound(SessionStep step) {
            bound.add(step);
            return this;
        }

        @Override
        public Setup sessionDetached(SessionStep step) {
            detached.add(step);
            return this;
        }

        @Override
        public Setup sessionResumed(SessionStep step) {
            resumed.add(step);
            return this;
        }

        @Override
        public Setup resumptionNews(ResumptionNews each) {
            news.add(each);
            return this;
        }

        @Override
        public Setup sessionEnded(SessionEnd step) {
            ended.add(step);
            return this;
        }

        @Override
        public <T> Setup keptAttribute(SessionKey<T> key, ValueCodec<T> codec) {
            if (kept.put(key.toString(), new KeptAttribute<>(key, codec)) != null) {
                throw new IllegalStateException("session attribute " + key + " is kept twice");
            }
            return this;
        }

        @Override
        public Setup accountCreated(TurnBody step) {
            accountCreated.add(step);
            return this;
        }

        @Override
        public Setup accountPart(AccountPart part) {
            for (Entry<AccountPart> other : accountParts) {
                if (!Collections.disjoint(other.value().elements(), part.elements())) {
                    throw new IllegalStateException("two modules take " + part.elements());
                }
            }
            accountParts.add(new Entry<>(key, part));
            return this;
        }

        @Override
        public Setup accountRemoved(TurnBody step) {
            accountRemoved.add(step);
            return this;
        }

        @Override
        public Setup timer(String kind, Resumed handler) {
            if (timers.put(kind, handler) != null) {
                throw new IllegalStateException("timer " + kind + " is handled twice");
            }
            return this;
        }

        @Override
        public Setup continuation(String kind, DurablyAnswered handler) {
            if (continuations.put(kind, handler) != null) {
                throw new IllegalStateException("continuation " + kind + " is handled twice");
            }
            return this;
        }

        @Override
        public byte[] secret(String name) {
            return store.cluster().secret(name);
        }

        @Override
        public ServerConfig config() {
            return config;
        }

        @Override
        public Declared declared() {
            return ModuleRegistry.this;
        }

        @Override
        public LiveSessions sessions() {
            return Objects.requireNonNull(sessions, "the server is still being built");
        }

        @Override
        public void submit(BareJid owner, TurnBody body) {
            lanes.submit(owner, body);
        }
    }
}
