/** A fleet that exists only in numbers, the real rank policy, and what else might choose rungs. */
@NullMarked
package dev.heirloom.actors.simulation;

import org.jspecify.annotations.NullMarked;
