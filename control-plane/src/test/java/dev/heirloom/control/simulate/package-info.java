/** Tests of simulations. */
@NullMarked
package dev.heirloom.control.simulate;

import org.jspecify.annotations.NullMarked;
