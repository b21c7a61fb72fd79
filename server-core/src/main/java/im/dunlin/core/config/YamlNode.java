// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.util.List;
import java.util.Map;

/** A piece of a YAML text that knows where it stands. */
sealed interface YamlNode {
    Place place();

    /** What the node is, in words an operator knows. */
    String kind();

    /** Line and column, counted from 1. */
    record Place(int line, int column) {}

    /** A key and its value. */
    record Entry(Place keyPlace, YamlNode value) {}

    record Absent(Place place) implements YamlNode {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    record Scalar(Place place, String text) implements YamlNode {
        @Override
        public String kind() {
            return "\"" + text + "\"";
        }
    }

    record Sequence(Place place, List<YamlNode> elements) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Mapping(Place place, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a section with keys";
        }
    }
}
