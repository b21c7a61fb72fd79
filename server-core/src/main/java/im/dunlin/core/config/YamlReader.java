// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.config.ConfigException.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads YAML into nodes that know their place; Jackson's own binding reports unknown keys without one. */
final class YamlReader {
    private final JsonParser parser;
    private final @Nullable Path file;
    private final List<Problem> problems;

    private YamlReader(JsonParser parser, @Nullable Path file, List<Problem> problems) {
        this.parser = parser;
        this.file = file;
        this.problems = problems;
    }

    /** The document, {@link YamlNode.Absent} when the text is empty. What is wrong is added to the problems. */
    static YamlNode read(String text, @Nullable Path file, List<Problem> problems) {
        YamlNode.Absent nothing = new YamlNode.Absent(new YamlNode.Place(1, 1));
        try (JsonParser parser = new YAMLFactory().createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
            YamlReader reader = new YamlReader(parser, file, problems);
            if (parser.nextToken() == null) {
                return nothing;
            }
            YamlNode document = reader.node();
            if (parser.nextToken() != null) {
                reader.problem(reader.place(), "a second document (expected: one)");
            }
            return document;
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            problems.add(new Problem(
                    file,
                    at == null ? 0 : at.getLineNr(),
                    at == null ? 0 : at.getColumnNr(),
                    "not YAML: " + e.getOriginalMessage().lines().findFirst().orElse("")));
            return nothing;
        }
    }

    private YamlNode node() {
        YamlNode.Place place = place();
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(place);
            case START_ARRAY -> sequence(place);
            case VALUE_NULL -> new YamlNode.Absent(place);
            default -> new YamlNode.Scalar(place, parser.getString());
        };
    }

    private YamlNode mapping(YamlNode.Place place) {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            YamlNode.Place keyPlace = place();
            parser.nextToken();
            if (entries.put(key, new YamlNode.Entry(keyPlace, node())) != null) {
                problem(keyPlace, key + ": stands here twice");
            }
        }
        return new YamlNode.Mapping(place, entries);
    }

    private YamlNode sequence(YamlNode.Place place) {
        List<YamlNode> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(node());
        }
        return new YamlNode.Sequence(place, elements);
    }

    private YamlNode.Place place() {
        TokenStreamLocation at = parser.currentTokenLocation();
        return new YamlNode.Place(at.getLineNr(), at.getColumnNr());
    }

    private void problem(YamlNode.Place place, String message) {
        problems.add(new Problem(file, place.line(), place.column(), message));
    }
}
