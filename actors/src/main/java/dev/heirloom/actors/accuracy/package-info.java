/** How accurate a device is in the field, how sure that is, and whether what it sees drifts. */
@NullMarked
package dev.heirloom.actors.accuracy;

import org.jspecify.annotations.NullMarked;
