// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import org.jspecify.annotations.Nullable;

/**
 * An attribute of an element. The prefix is how the namespace was written, empty without namespace;
 * it is kept for readers that expect it (xlink) and is no part of the attribute's identity.
 */
public record Attribute(String prefix, Name name, String value) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Attribute attribute && name.equals(attribute.name) && value.equals(attribute.value);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + value.hashCode();
    }
}
