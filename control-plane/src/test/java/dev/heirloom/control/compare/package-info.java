/** Tests of comparisons. */
@NullMarked
package dev.heirloom.control.compare;

import org.jspecify.annotations.NullMarked;
