package dev.heirloom.control.tailor;

import dev.heirloom.runtime.family.Digest;

/**
 * What an heir is assembled from: the same key gives the same bytes.
 *
 * @param manifest version of the family
 * @param rung from 1
 */
public record HeirKey(Digest manifest, int rung) {}
