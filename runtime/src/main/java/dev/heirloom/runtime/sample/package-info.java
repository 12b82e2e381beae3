/** Labelled samples: their files, raw values and preprocessing. */
@NullMarked
package dev.heirloom.runtime.sample;

import org.jspecify.annotations.NullMarked;
