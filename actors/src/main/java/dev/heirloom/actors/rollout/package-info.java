/** The phased introduction of a family version, with gates, and the way back. */
@NullMarked
package dev.heirloom.actors.rollout;

import org.jspecify.annotations.NullMarked;
