/** Fleets that ask who calls, with agents as devices run them. */
@NullMarked
package dev.heirloom.bench.access;

import org.jspecify.annotations.NullMarked;
