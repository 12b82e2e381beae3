/**
 * What the device keeps on disk: two slots for heirs, the pointer to the one in force, and the
 * blobs.
 */
@NullMarked
package dev.heirloom.edge.slot;

import org.jspecify.annotations.NullMarked;
