// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes a configuration as YAML that loads back to the same value: every key, its meaning and its default. */
public final class ConfigPrinter {
    private static final int COMMENT_WIDTH = 100;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/][A-Za-z0-9/._@-]*");

    private final StringBuilder out = new StringBuilder();

    private ConfigPrinter() {}

    public static String print(ServerConfig config) {
        ConfigPrinter printer = new ConfigPrinter();
        printer.components(config, "");
        return printer.out.toString();
    }

    private void components(Record record, String indent) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Setting setting = RecordBinder.setting(component);
            Object value = value(record, component);
            if (indent.isEmpty() && !out.isEmpty()) {
                out.append('\n');
            }
            comment(
                    setting.byDefault().isEmpty()
                            ? setting.says()
                            : setting.says() + " Default: " + setting.byDefault() + ".",
                    indent);
            if (value == null) {
                out.append(indent).append("# ").append(component.getName()).append(":\n");
            } else {
                out.append(indent).append(component.getName()).append(':');
                value(value, setting, indent);
            }
        }
    }

    private void value(Object value, Setting setting, String indent) {
        String deeper = indent + "  ";
        if (value instanceof ModuleConfig module) {
            if (!module.enabled() || module.options().getClass().getRecordComponents().length == 0) {
                out.append(' ').append(module.enabled()).append('\n');
            } else {
                value(module.options(), setting, indent);
            }
        } else if (value instanceof Record record) {
            out.append('\n');
            components(record, deeper);
        } else if (value instanceof Map<?, ?> map) {
            out.append(map.isEmpty() ? " {}\n" : "\n");
            map.forEach((key, element) -> {
                out.append(deeper).append(scalar(key, setting)).append(':');
                value(element, setting, deeper);
            });
        } else if (value instanceof List<?> list) {
            list(list, setting, deeper);
        } else {
            out.append(' ').append(scalar(value, setting)).append('\n');
        }
    }

    private void list(List<?> list, Setting setting, String indent) {
        if (list.isEmpty()) {
            out.append(" []\n");
            return;
        }
        out.append('\n');
        for (Object element : list) {
            out.append(indent).append("- ");
            if (element instanceof Record record) {
                List<String> keys = new ArrayList<>();
                for (RecordComponent component : record.getClass().getRecordComponents()) {
                    Object value = value(record, component);
                    if (value != null) {
                        keys.add(component.getName() + ": " + scalar(value, RecordBinder.setting(component)));
                    }
                }
                out.append("{ ").append(String.join(", ", keys)).append(" }\n");
            } else {
                out.append(scalar(element, setting)).append('\n');
            }
        }
    }

    private static String scalar(Object value, Setting setting) {
        if (value instanceof Duration duration) {
            return Quantity.print(duration);
        }
        if (setting.bytes() && value instanceof Number number) {
            return Quantity.printBytes(number.longValue());
        }
        String text = value instanceof Enum<?> ? RecordBinder.enumName(value) : value.toString();
        if (value instanceof Number
                || value instanceof Boolean
                || PLAIN.matcher(text).matches() && !isKeyword(text)) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static boolean isKeyword(String text) {
        return switch (text) {
            case "null", "true", "false" -> true;
            default -> false;
        };
    }

    private static @Nullable Object value(Record record, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private void comment(String text, String indent) {
        StringBuilder line = new StringBuilder(indent).append('#');
        for (String word : text.split(" ", -1)) {
            if (line.length() + 1 + word.length() > COMMENT_WIDTH) {
                out.append(line).append('\n');
                line = new StringBuilder(indent).append('#');
            }
            line.append(' ').append(word);
        }
        out.append(line).append('\n');
    }
}
