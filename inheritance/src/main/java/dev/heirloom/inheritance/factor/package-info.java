/**
 * The mathematics of factoring: input metrics and weighted singular value decompositions, on ND4J
 * arrays with LAPACK.
 */
@NullMarked
package dev.heirloom.inheritance.factor;

import org.jspecify.annotations.NullMarked;
