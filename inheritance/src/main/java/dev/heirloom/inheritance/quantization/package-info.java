/** A teacher with 8-bit weights and activations, for comparison with heirs. */
@NullMarked
package dev.heirloom.inheritance.quantization;

import org.jspecify.annotations.NullMarked;
