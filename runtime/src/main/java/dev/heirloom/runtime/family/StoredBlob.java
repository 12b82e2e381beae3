package dev.heirloom.runtime.family;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A file of a {@link DirectoryBlobStore}.
 *
 * @param file where it is
 * @param digest names the content; empty for one that is written in one go and not yet named
 * @param whole whether every byte of it is there
 * @param sizeBytes bytes that are there
 * @param changed when it was last written to
 */
public record StoredBlob(
    Path file, Optional<Digest> digest, boolean whole, long sizeBytes, Instant changed) {}
