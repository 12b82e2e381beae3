/** Samples as a server reads them, images by their files included, and how they are augmented. */
@NullMarked
package dev.heirloom.inheritance.sample;

import org.jspecify.annotations.NullMarked;
