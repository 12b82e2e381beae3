package dev.heirloom.control.tailor;

import dev.heirloom.runtime.family.Digest;

/**
 * An heir as plain ONNX, in the cache's store.
 *
 * @param digest SHA-256 of the file
 * @param bytes its size
 */
public record AssembledHeir(Digest digest, long bytes) {}
