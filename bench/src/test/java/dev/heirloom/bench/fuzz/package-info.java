@NullMarked
package dev.heirloom.bench.fuzz;

import org.jspecify.annotations.NullMarked;
