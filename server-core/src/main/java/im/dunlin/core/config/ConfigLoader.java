// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.config.ConfigException.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a configuration and refuses one that is wrong anywhere. */
public final class ConfigLoader {
    private static final long MAX_FILE_BYTES = 1 << 20;

    private final Map<String, Class<? extends Record>> modules;
    private final Map<Class<? extends Record>, SectionCheck<?>> checks = new HashMap<>();

    /**
     * @param modules the key of every module there is, and the record of its own section ({@link ModuleConfig.None} when
     *     it has none)
     */
    public ConfigLoader(Map<String, Class<? extends Record>> modules) {
        this.modules = new LinkedHashMap<>(modules);
    }

    /** Has every section of this type checked, after it has checked itself. */
    public <R extends Record> ConfigLoader checking(Class<R> type, SectionCheck<R> check) {
        checks.put(type, check);
        return this;
    }

    /** The configuration of a file; paths in it are relative to its directory. */
    public ServerConfig load(Path file) throws ConfigException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw unreadable(file, "larger than " + Quantity.printBytes(MAX_FILE_BYTES));
            }
            return parse(Files.readString(file), file);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "there is no such file");
        } catch (CharacterCodingException e) {
            throw unreadable(file, "not UTF-8");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + e.getMessage());
        }
    }

    /** The configuration of a text; paths in it are relative to the working directory. */
    public ServerConfig parse(String yaml) throws ConfigException {
        return parse(yaml, null);
    }

    private ServerConfig parse(String yaml, @Nullable Path file) throws ConfigException {
        List<Problem> problems = new ArrayList<>();
        YamlNode document = YamlReader.read(yaml, file, problems);
        ServerConfig config = new RecordBinder(file, modules, checks, problems).bind(ServerConfig.class, document);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    private static ConfigException unreadable(Path file, String why) {
        return new ConfigException(List.of(new Problem(file, 0, 0, why)));
    }
}
