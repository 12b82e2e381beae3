/** Tests of the benchmarks and of the whole. */
@NullMarked
package dev.heirloom.bench;

import org.jspecify.annotations.NullMarked;
