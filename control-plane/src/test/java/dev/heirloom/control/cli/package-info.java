@NullMarked
package dev.heirloom.control.cli;

import org.jspecify.annotations.NullMarked;
