/** The program that works on jobs: it takes one, inherits, and publishes the family. */
@NullMarked
package dev.heirloom.control.trainer;

import org.jspecify.annotations.NullMarked;
