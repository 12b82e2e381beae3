/** The pure choice of a device's rung from its ladder, budget, measurements and class. */
@NullMarked
package dev.heirloom.actors.adaptation;

import org.jspecify.annotations.NullMarked;
