/** {@code heirloom simulate}: a fleet in numbers, and the report of how strategies did on it. */
@NullMarked
package dev.heirloom.control.simulate;

import org.jspecify.annotations.NullMarked;
