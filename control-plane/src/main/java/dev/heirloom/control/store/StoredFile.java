package dev.heirloom.control.store;

import dev.heirloom.runtime.family.Digest;

/**
 * A file that was uploaded.
 *
 * @param name unique among the files
 * @param teacher whether it is a teacher, else it is data
 * @param sizeBytes of its content
 * @param uploadedMs ms since 1970
 * @param layers of a teacher that may be factored; 0 for data
 */
public record StoredFile(
    String name, boolean teacher, Digest digest, long sizeBytes, long uploadedMs, int layers) {}
