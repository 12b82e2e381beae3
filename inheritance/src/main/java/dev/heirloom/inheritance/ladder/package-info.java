/** Which ranks each rung gives to each layer, by error and by measured cost. */
@NullMarked
package dev.heirloom.inheritance.ladder;

import org.jspecify.annotations.NullMarked;
