// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A record component that an operator may set: what it means, its default and its bounds. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** The explanation, printed as a comment above the key. */
    String says();

    /**
     * The default as it would stand in the file; several elements are separated by commas. Empty: the defaults of a nested
     * record, an empty list or map, and otherwise {@code null}.
     */
    String byDefault() default "";

    /** The smallest number allowed; for a duration in seconds. */
    long min() default 0;

    /** The largest number allowed; for a duration in seconds. */
    long max() default Long.MAX_VALUE;

    /** Whether the number counts bytes and may be written {@code 16KiB}, {@code 4MiB}, {@code 1GiB}. */
    boolean bytes() default false;
}
