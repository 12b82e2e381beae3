package dev.heirloom.actors.delivery;

import org.apache.pekko.util.ByteString;

/**
 * Consecutive bytes of one blob.
 *
 * @param index position of the blob among the ranges asked for, from 0
 * @param offsetBytes where in the blob the content begins
 * @param content never empty; wraps one array, so {@code toArrayUnsafe} copies nothing
 */
public record Piece(int index, long offsetBytes, ByteString content) {}
