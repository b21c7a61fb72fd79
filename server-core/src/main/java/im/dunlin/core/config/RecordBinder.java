// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.config.ConfigException.Problem;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes records out of YAML nodes. Goes on after a mistake, so that an operator sees all of them at once. */
final class RecordBinder {
    private static final YamlNode.Place NOWHERE = new YamlNode.Place(0, 0);

    private final @Nullable Path file;
    private final Map<String, Class<? extends Record>> modules;
    private final Map<Class<? extends Record>, SectionCheck<?>> checks;
    private final List<Problem> problems;

    /**
     * @param file what paths are relative to, and what problems name
     * @param modules the known modules and their sections
     * @param checks by the type of a section
     */
    RecordBinder(
            @Nullable Path file,
            Map<String, Class<? extends Record>> modules,
            Map<Class<? extends Record>, SectionCheck<?>> checks,
            List<Problem> problems) {
        this.file = file;
        this.modules = modules;
        this.checks = checks;
        this.problems = problems;
    }

    /** A record with every component at its default. */
    static <R extends Record> R defaults(Class<R> type) {
        List<Problem> problems = new ArrayList<>();
        R record = new RecordBinder(null, Map.of(), Map.of(), problems).bind(type, new YamlNode.Absent(NOWHERE));
        if (!problems.isEmpty()) {
            throw new IllegalStateException("defaults of " + type.getSimpleName() + ": " + problems);
        }
        return record;
    }

    static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    <R extends Record> R bind(Class<R> type, YamlNode node) {
        Map<String, YamlNode.Entry> entries = entries(node);
        RecordComponent[] components = type.getRecordComponents();
        List<String> known =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                unknown(entry.keyPlace(), key, known);
            }
        });

        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            YamlNode.Entry entry = entries.get(known.get(i));
            values[i] = component(components[i], entry == null ? new YamlNode.Absent(node.place()) : entry.value());
        }
        R record = construct(type, types, values);
        Checked.Report report = (key, message) -> {
            YamlNode.Entry entry = entries.get(key);
            problem(entry == null ? node.place() : entry.keyPlace(), key + ": " + message);
        };
        if (record instanceof Checked checked) {
            checked.check(report);
        }
        checkFromAbove(record, report);
        return record;
    }

    /** A check was declared for the very type of what it is given. */
    @SuppressWarnings("unchecked")
    private <R extends Record> void checkFromAbove(R record, Checked.Report report) {
        SectionCheck<R> check = (SectionCheck<R>) checks.get(record.getClass());
        if (check != null) {
            check.check(record, report);
        }
    }

    private static <R extends Record> R construct(Class<R> type, Class<?>[] types, Object[] values) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made from its components", e);
        }
    }

    private Map<String, YamlNode.Entry> entries(YamlNode node) {
        if (node instanceof YamlNode.Mapping mapping) {
            return mapping.entries();
        }
        if (!(node instanceof YamlNode.Absent)) {
            problem(node.place(), node.kind() + " (expected: a section with keys)");
        }
        return Map.of();
    }

    private @Nullable Object component(RecordComponent component, YamlNode node) {
        Setting setting = setting(component);
        Class<?> type = component.getType();
        if (type == List.class) {
            return list(component, node);
        }
        if (type == Map.class) {
            return argument(component, 1) == ModuleConfig.class ? modules(node) : map(component, node);
        }
        if (type.isRecord()) {
            return bind(type.asSubclass(Record.class), node);
        }
        if (node instanceof YamlNode.Scalar scalar) {
            Object value = scalar(component.getName(), type, setting, scalar);
            if (value != null) {
                return value;
            }
        } else if (!(node instanceof YamlNode.Absent)) {
            problem(node.place(), component.getName() + ": " + node.kind() + " (expected: one value)");
        }
        return setting.byDefault().isEmpty()
                ? null
                : scalar(component.getName(), type, setting, new YamlNode.Scalar(NOWHERE, setting.byDefault()));
    }

    private List<Object> list(RecordComponent component, YamlNode node) {
        List<YamlNode> elements = List.of();
        if (node instanceof YamlNode.Sequence sequence) {
            elements = sequence.elements();
        } else if (node instanceof YamlNode.Absent) {
            elements = defaultElements(component);
        } else {
            problem(node.place(), component.getName() + ": " + node.kind() + " (expected: a list)");
        }
        List<Object> values = new ArrayList<>();
        Class<?> type = argument(component, 0);
        for (YamlNode element : elements) {
            Object value = null;
            if (type.isRecord()) {
                value = bind(type.asSubclass(Record.class), element);
            } else if (element instanceof YamlNode.Scalar scalar) {
                value = scalar(component.getName(), type, setting(component), scalar);
            } else {
                problem(element.place(), component.getName() + ": " + element.kind() + " (expected: one value)");
            }
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private Map<String, Object> map(RecordComponent component, YamlNode node) {
        Map<String, Object> values = new LinkedHashMap<>();
        Class<? extends Record> type = argument(component, 1).asSubclass(Record.class);
        if (node instanceof YamlNode.Absent) {
            for (YamlNode key : defaultElements(component)) {
                values.put(((YamlNode.Scalar) key).text(), bind(type, node));
            }
        }
        entries(node).forEach((key, entry) -> values.put(key, bind(type, entry.value())));
        return values;
    }

    private Map<String, Object> modules(YamlNode node) {
        Map<String, YamlNode.Entry> entries = entries(node);
        entries.forEach((key, entry) -> {
            if (!modules.containsKey(key)) {
                unknown(entry.keyPlace(), key, modules.keySet());
            }
        });
        Map<String, Object> values = new LinkedHashMap<>();
        modules.forEach((key, section) -> {
            YamlNode.Entry entry = entries.get(key);
            values.put(key, module(section, entry == null ? new YamlNode.Absent(node.place()) : entry.value()));
        });
        return values;
    }

    private ModuleConfig module(Class<? extends Record> section, YamlNode node) {
        boolean enabled = true;
        YamlNode options = node;
        if (node instanceof YamlNode.Scalar scalar) {
            options = new YamlNode.Absent(node.place());
            enabled = !scalar.text().equals("false");
            if (enabled && !scalar.text().equals("true")) {
                problem(node.place(), node.kind() + " (expected: true, false or a section with keys)");
            }
        }
        return new ModuleConfig(enabled, bind(section, options));
    }

    private @Nullable Object scalar(String key, Class<?> type, Setting setting, YamlNode.Scalar node) {
        String text = node.text();
        if (type == String.class) {
            return text;
        }
        if (type == boolean.class) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> wrong(node, key, "true or false");
            };
        }
        if (type == int.class) {
            Long number = number(key, setting, node, Math.min(setting.max(), Integer.MAX_VALUE));
            return number == null ? null : Integer.valueOf(number.intValue());
        }
        if (type == long.class) {
            return number(key, setting, node, setting.max());
        }
        if (type == Duration.class) {
            Duration duration = Quantity.duration(text);
            if (duration == null) {
                return wrong(node, key, "a time such as 500ms, 30s, 10m, 12h or 365d");
            }
            return inBounds(duration.toSeconds(), setting.min(), setting.max())
                    ? duration
                    : wrong(node, key, bounds(setting.min(), setting.max(), " seconds"));
        }
        if (type == BareJid.class) {
            return address(key, node);
        }
        if (type == Path.class) {
            return path(key, node);
        }
        if (type == SecretFile.class) {
            return secret(key, node);
        }
        if (type == AddressRange.class) {
            AddressRange range = AddressRange.parse(text);
            return range != null ? range : wrong(node, key, "IP addresses such as 192.0.2.1 or 10.0.0.0/8");
        }
        if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            for (Object constant : constants) {
                if (enumName(constant).equalsIgnoreCase(text)) {
                    return constant;
                }
            }
            List<String> names =
                    Arrays.stream(constants).map(RecordBinder::enumName).toList();
            return wrong(node, key, String.join(", ", names));
        }
        throw new IllegalStateException(key + ": a configuration cannot hold a " + type);
    }

    private @Nullable Long number(String key, Setting setting, YamlNode.Scalar node, long max) {
        Long number;
        if (setting.bytes()) {
            number = Quantity.bytes(node.text());
            if (number == null) {
                wrong(node, key, "bytes such as 4096, 16KiB, 4MiB or 1GiB");
                return null;
            }
        } else {
            try {
                number = Long.valueOf(node.text());
            } catch (NumberFormatException e) {
                wrong(node, key, "a whole number");
                return null;
            }
        }
        if (!inBounds(number, setting.min(), max)) {
            wrong(node, key, bounds(setting.min(), max, setting.bytes() ? " bytes" : ""));
            return null;
        }
        return number;
    }

    private @Nullable BareJid address(String key, YamlNode.Scalar node) {
        try {
            return BareJid.parse(node.text());
        } catch (JidException e) {
            wrong(node, key, "an address such as juliet@example.org");
            return null;
        }
    }

    private @Nullable Path path(String key, YamlNode.Scalar node) {
        try {
            Path path = Path.of(node.text());
            Path directory = file == null ? null : file.toAbsolutePath().getParent();
            return directory == null ? path : directory.resolve(path).normalize();
        } catch (InvalidPathException e) {
            wrong(node, key, "a path");
            return null;
        }
    }

    private @Nullable Object secret(String key, YamlNode.Scalar node) {
        Path path = path(key, node);
        try {
            return path == null ? null : SecretFile.read(path);
        } catch (IOException e) {
            return wrong(node, key, "a file with a secret of at least 16 bytes; this one " + e.getMessage());
        }
    }

    private static boolean inBounds(long number, long min, long max) {
        return min <= number && number <= max;
    }

    private static String bounds(long min, long max, String unit) {
        return max == Long.MAX_VALUE ? "at least " + min + unit : min + " to " + max + unit;
    }

    private @Nullable Object wrong(YamlNode.Scalar node, String key, String expected) {
        problem(node.place(), key + ": " + node.text() + " (expected: " + expected + ")");
        return null;
    }

    private void unknown(YamlNode.Place place, String key, Collection<String> known) {
        String nearest = NearestName.to(key, known);
        problem(
                place,
                key + ": no such key ("
                        + (nearest == null
                                ? "known here: " + String.join(", ", known)
                                : "did you mean " + nearest + "?")
                        + ")");
    }

    private void problem(YamlNode.Place place, String message) {
        problems.add(new Problem(file, place.line(), place.column(), message));
    }

    private static List<YamlNode> defaultElements(RecordComponent component) {
        String elements = setting(component).byDefault();
        return elements.isEmpty()
                ? List.of()
                : Arrays.stream(elements.split(",", -1))
                        .<YamlNode>map(text -> new YamlNode.Scalar(NOWHERE, text.strip()))
                        .toList();
    }

    /** {@code DIRECT_TLS} is written direct-tls. */
    static String enumName(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Setting setting(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(component + " has no @Setting");
        }
        return setting;
    }

    private static Class<?> argument(RecordComponent component, int index) {
        Type type = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[index];
        return (Class<?>) type;
    }
}
