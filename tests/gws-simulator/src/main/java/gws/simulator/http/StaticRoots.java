package gws.simulator.http;

import gws.simulator.base.InputError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Folders and the URL prefixes under which their files are served; the longest prefix wins. */
public final class StaticRoots {
    private final Map<String, Path> folders = new TreeMap<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** @param descriptions each {@code PREFIX=FOLDER} */
    public StaticRoots(List<String> descriptions) {
        descriptions.forEach(this::add);
    }

    private void add(String description) {
        int equals = description.indexOf('=');
        if (equals < 1 || description.charAt(0) != '/') {
            throw new InputError("a static folder is PREFIX=FOLDER with a PREFIX that starts with /, but it is '" + description + "'");
        }
        String prefix = description.substring(0, equals);
        String folder = description.substring(equals + 1);
        try {
            folders.put(prefix.endsWith("/") ? prefix : prefix + "/", Path.of(folder).toRealPath());
        } catch (IOException | InvalidPathException failure) {
            throw new InputError("the static folder '" + folder + "' cannot be read: " + failure.getMessage());
        }
    }

    /** The file or folder for a URL path; nothing when there is none or when it lies outside of the folder served, be it by dots or by a symbolic link. */
    Optional<Path> find(String urlPath) {
        for (Map.Entry<String, Path> root : folders.entrySet()) {
            if ((urlPath + "/").startsWith(root.getKey())) {
                return below(root.getValue(), urlPath.substring(Math.min(root.getKey().length(), urlPath.length())));
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> below(Path folder, String relative) {
        try {
            Path file = folder.resolve(relative).toRealPath();
            return file.startsWith(folder) && Files.isReadable(file) ? Optional.of(file) : Optional.empty();
        } catch (IOException | InvalidPathException missing) {
            return Optional.empty();
        }
    }
}
