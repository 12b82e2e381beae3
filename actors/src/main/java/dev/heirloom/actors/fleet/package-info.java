/** What the fleet's behaviours say about devices, families, windows and decisions. */
@NullMarked
package dev.heirloom.actors.fleet;

import org.jspecify.annotations.NullMarked;
