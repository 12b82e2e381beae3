/** Tests of the networks, and of inheriting from them. */
@NullMarked
package dev.heirloom.bench.network;

import org.jspecify.annotations.NullMarked;
