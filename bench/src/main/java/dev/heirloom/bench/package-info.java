/**
 * Benchmarks of the whole: each prints a table, can record its figures, and knows its own goals.
 */
@NullMarked
package dev.heirloom.bench;

import org.jspecify.annotations.NullMarked;
