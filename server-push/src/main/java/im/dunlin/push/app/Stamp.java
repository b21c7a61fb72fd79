// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** By which it is seen that a file has changed; all the same for one that is not there. */
record Stamp(@Nullable FileTime time, long size, @Nullable Object file) {
    private static final Stamp NONE = new Stamp(null, 0, null);

    static Stamp of(@Nullable Path path) {
        if (path == null) {
            return NONE;
        }
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            return NONE;
        }
    }
}
